/** An app over fakes, for the tests of http/. Nothing of the product imports this file. */
import type { Express } from 'express';
import { createSamepoint } from '../../application/index.ts';
import { JobStore } from '../../jobs/index.ts';
import { ALL_SERIES, fakePorts } from '../../ports/testing/index.ts';
import type { FakePorts } from '../../ports/testing/index.ts';
import type { Ports } from '../../ports/index.ts';
import { loadConfig } from '../../config/index.ts';
import type { Config, RawConfig } from '../../config/index.ts';
import { createApp } from '../app.ts';
import type { AppParts } from '../app.ts';
import { createLogger } from '../logging.ts';

/** An app and everything behind it that a test may hold, break or read. */
export interface TestApp {
  readonly app: Express;
  readonly ports: FakePorts;
  readonly jobs: JobStore;
  readonly shutdown: AbortController;
  readonly config: Config;
  /** Lines of the log, parsed. */
  readonly log: Record<string, unknown>[];
  /** The same lines as they were written. */
  readonly rawLog: string[];
}

/** The app that `serve` makes, over the fake PACS and modules, or what `changed` puts in their place. */
export async function testApp(
  overrides: RawConfig = {},
  parts: Partial<AppParts> = {},
  changed: (ports: FakePorts) => Partial<Ports> = () => ({}),
): Promise<TestApp> {
  const config = await loadConfig({ overrides, needsPacs: false });
  const ports = fakePorts([...ALL_SERIES]);
  const log: Record<string, unknown>[] = [];
  const rawLog: string[] = [];
  const logger = createLogger({
    level: 'info',
    uidHashKey: 'a key of the unit tests',
    destination: {
      write: (line) => {
        rawLog.push(line);
        log.push(JSON.parse(line) as Record<string, unknown>);
      },
    },
  });
  const shutdown = new AbortController();
  const jobs = new JobStore(config.jobs, { ...ports, logger });
  const samepoint = createSamepoint(
    { ...ports, ...changed(ports) },
    {
      version: '1.2.3',
      queueLimit: config.embedding.queueLimit,
      queueLimitPerCaller: config.embedding.queueLimitPerCaller,
      memoMs: 0,
    },
  );
  const app = createApp({ samepoint, jobs, logger, config, shutdown: shutdown.signal, ...parts });
  return { app, ports, jobs, shutdown, config, log, rawLog };
}
