/** The audit trail: who saw, matched and saved which study (PS3.15 A.5), to a file or an audit record repository. @module */
import { readFile } from 'node:fs/promises';
import { hostname, userInfo } from 'node:os';
import type { Logger } from '../access/index.ts';
import type { Config } from '../config/index.ts';
import { problemOf, SamepointError } from '../errors/index.ts';
import { FileSink } from './fileSink.ts';
import type { AuditSink } from './sink.ts';
import { createSyslogSink } from './syslogSink.ts';
import { AuditTrail } from './trail.ts';

export { AuditTrail } from './trail.ts';

/** What the trail gets from the server. */
export interface AuditParts {
  readonly version: string;
  /** Root of the PACS. */
  readonly pacsRoot: string;
  readonly logger: Logger;
}

/** A sink for those who want none. */
const NOWHERE: AuditSink = {
  name: 'none',
  write: () => Promise.resolve(),
  close: () => Promise.resolve(),
};

async function readCa(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    const problems = [`audit.syslogCaFile: ${problemOf(cause)}`];
    throw new SamepointError('config/invalid', { problems }, { cause });
  }
}

async function openSink(config: Config['audit']): Promise<AuditSink> {
  const { destination, file, syslogHost: host, syslogPort: port, syslogTransport: transport } = config;
  if (destination === 'none') return NOWHERE;
  if (destination === 'file' || host === undefined) return new FileSink(file);
  const ca = config.syslogCaFile === undefined ? undefined : await readCa(config.syslogCaFile);
  // A host name in a URL has brackets around an IPv6 address; a socket wants none.
  const bare = host.replaceAll(/[[\]]/g, '');
  return createSyslogSink({ host: bare, port, transport, ca, hostName: hostname(), processId: process.pid });
}

function accountName(): string {
  try {
    return userInfo().username;
  } catch {
    // An account without an entry in the user database, as containers have them.
    return String(process.getuid?.() ?? 'unknown');
  }
}

/**
 * Opens the trail that the configuration describes. A sink that cannot be reached does not stop the start: what is recorded waits
 * for it, and /health says so.
 * @throws SamepointError `config/invalid` when the certificates cannot be read
 */
export async function openAudit(
  config: Config['audit'],
  { version, pacsRoot, logger }: AuditParts,
): Promise<AuditTrail> {
  return new AuditTrail({
    sink: await openSink(config),
    settings: {
      sourceId: config.sourceId,
      siteId: config.siteId,
      hashKey: config.hashUsers ? config.hashKey : undefined,
      version,
      hostName: hostname(),
      processId: process.pid,
      account: accountName(),
      pacs: new URL(pacsRoot).host,
    },
    logger,
    clock: Date.now,
  });
}
