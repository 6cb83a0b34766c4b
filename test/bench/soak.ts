/**
 * A program: a busy day in little, against a real PACS, and what it does to the memory. Matches of more series than the memory and the disk
 * cache hold, reports, event streams that are closed early, requests that are aborted. Prints a summary and writes test/results/soak.json with the
 * resident memory over time and its slope after the warm-up.
 *
 *   node soak.ts [--minutes 20]
 * @module
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { startOrthanc } from '../support/orthanc.ts';
import { ROOT } from '../support/paths.ts';
import { startSamepoint } from '../support/samepointServer.ts';
import { familyRss } from './family.ts';
import { FreshApi } from './freshApi.ts';
import { storePhantomCopies } from './phantomCopies.ts';
import { slopeOf } from './slope.ts';
import { SoakWork } from './soakWork.ts';

const RESULTS = join(ROOT, 'test/results/soak.json');
const MIB = 2 ** 20;
const GIB = 2 ** 30;
const MS_PER_MINUTE = 60_000;
/** Copies of either scan: more than the memory holds. */
const COPIES = 8;
/** The least that may be configured, and a disk cache for half of the series: both drop embeddings all the time. */
const LIMITS = { memory: { maxBytes: 1.25 * GIB }, embedding: { cacheMaxBytes: 500 * MIB } };
const SAMPLE_EVERY_MS = 2000;
/** Share of the time in which heaps and pools grow to the size that they keep. */
const WARM_UP_SHARE = 0.25;
/** Growth that counts as none, MiB a minute, over both processes: 20 minutes of it are 2 % of the limit. */
const FLAT_MIB_PER_MINUTE = 1.5;

const { values } = parseArgs({
  options: { minutes: { type: 'string', default: '20' }, dry: { type: 'boolean', default: false } },
});
const minutes = Number(values.minutes);
const orthanc = await startOrthanc();
const server = await startSamepoint({
  dicomweb: { root: orthanc.dicomweb.root },
  access: { memoMs: 1000 },
  ...LIMITS,
});
try {
  const pid = server.background.process.pid ?? 0;
  const work = new SoakWork(
    new FreshApi(server.api.root),
    await storePhantomCopies(orthanc.dicomweb, COPIES),
  );
  const [start, end] = [performance.now(), performance.now() + minutes * MS_PER_MINUTE];
  const minute = (): number => (performance.now() - start) / MS_PER_MINUTE;
  const samples: { readonly minute: number; readonly server: number; readonly inference: number }[] = [];
  const running = work.run(() => performance.now() < end);
  while (performance.now() < end) {
    const { server: own, inference } = familyRss(pid);
    samples.push({
      minute: Number(minute().toFixed(3)),
      server: Math.round(own),
      inference: Math.round(inference),
    });
    await sleep(SAMPLE_EVERY_MS);
  }
  await running;
  const settled = samples.filter((sample) => sample.minute >= WARM_UP_SHARE * minutes);
  const slope = (of: (sample: (typeof samples)[number]) => number): number =>
    Number(slopeOf(settled.map((sample) => [sample.minute, of(sample)])).toFixed(2));
  const together = slope((sample) => sample.server + sample.inference);
  const summary = {
    minutes,
    limits: LIMITS,
    done: work.done,
    errors: work.errors,
    peakMib: Math.max(...samples.map((sample) => sample.server + sample.inference)),
    mibPerMinute: {
      server: slope((sample) => sample.server),
      inference: slope((sample) => sample.inference),
      together,
    },
  };
  if (!values.dry) {
    await mkdir(dirname(RESULTS), { recursive: true });
    await writeFile(RESULTS, `${JSON.stringify({ ...summary, samples }, null, 1)}\n`);
  }
  process.stdout.write(`${JSON.stringify(summary, null, 2)}\n`);
  const failures = Object.values(work.errors).reduce((sum, count) => sum + count, 0);
  const holds = failures === 0 && together <= FLAT_MIB_PER_MINUTE;
  process.stdout.write(
    `${holds ? 'holds' : 'DOES NOT HOLD'}: ${together} MiB a minute (at most ${FLAT_MIB_PER_MINUTE}), ${failures} errors\n`,
  );
  process.exitCode = holds ? 0 : 1;
} finally {
  await server.stop();
  await orthanc.stop();
}
