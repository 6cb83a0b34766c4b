/**
 * A program: fifty readers who match lesions of pairs that are in the cache, each with credentials of their own, against a real PACS. Prints
 * what they waited for and writes test/results/load.json. Needs an idle machine: readers, server and PACS share it.
 *
 *   node load.ts [--readers 50] [--seconds 60] [--shared]
 *
 *   --shared  all readers have the same credentials: the PACS receives one request for all of them
 * @module
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import type { SamepointApi } from '../support/api.ts';
import { startOrthanc } from '../support/orthanc.ts';
import { ROOT } from '../support/paths.ts';
import { startSamepoint } from '../support/samepointServer.ts';
import { familyRss } from './family.ts';
import { FreshApi } from './freshApi.ts';
import { storePhantomCopies } from './phantomCopies.ts';
import type { PhantomCopies } from './phantomCopies.ts';
import { closedLoop, HealthProbe, openLoop } from './readers.ts';
import type { LoadResult, Send } from './readers.ts';

const RESULTS = join(ROOT, 'test/results/load.json');
/** Pairs that are read at a time. */
const PAIRS = 3;
/** A reader clicks about once in so many ms: fast for a person, who also reads. */
const THINK_MS = 1000;
/** Time of the closed loop as a share of that of the open one. */
const CLOSED_SHARE = 0.5;
const PROBE_EVERY_MS = 50;
/** Guaranteed times to an answer, ms. */
const P99_MS = 200;

/** A match by one reader, which must be answered at once. */
function sender(api: SamepointApi, { currents, priors, points }: PhantomCopies, isShared: boolean): Send {
  let sent = 0;
  return async (reader) => {
    const pair = reader % currents.length;
    const body = {
      query: currents[pair],
      targets: [priors[pair]],
      points: [{ id: 'p', lps: points[sent++ % points.length] }],
    };
    const headers = { Authorization: `Bearer reader-${isShared ? 0 : reader}` };
    const { status, body: answer } = await api.request('POST', '/matches', body, headers);
    if (status !== 200) throw new Error(`status ${status}`);
    const { matches } = answer as { readonly matches: readonly { readonly ok: boolean }[] };
    if (matches[0]?.ok !== true) throw new Error('the point was not matched');
  };
}

/** Every pair is embedded, and every reader known to the PACS. */
async function warmUp(api: SamepointApi, copies: PhantomCopies, readers: number, send: Send): Promise<void> {
  for (const [pair, query] of copies.currents.entries()) {
    const request = { query, targets: [copies.priors[pair]!], points: [{ id: 'p', lps: copies.points[0]! }] };
    const answer = await api.match(request);
    if (!Array.isArray(answer)) throw new Error(answer.message);
  }
  for (let reader = 0; reader < readers; reader++) await send(reader);
}

const { values } = parseArgs({
  options: {
    readers: { type: 'string', default: '50' },
    seconds: { type: 'string', default: '60' },
    shared: { type: 'boolean', default: false },
    dry: { type: 'boolean', default: false },
  },
});
const [readers, seconds] = [Number(values.readers), Number(values.seconds)];
const orthanc = await startOrthanc();
const server = await startSamepoint({ dicomweb: { root: orthanc.dicomweb.root } });
const api = new FreshApi(server.api.root);
try {
  const copies = await storePhantomCopies(orthanc.dicomweb, PAIRS);
  const send = sender(api, copies, values.shared);
  await warmUp(api, copies, readers, send);
  const probed = async (run: () => Promise<LoadResult>): Promise<object> => {
    const probe = new HealthProbe(api, PROBE_EVERY_MS);
    const { figures, reasons } = await run();
    return { ...figures, reasons, health: await probe.stop() };
  };
  const open = await probed(() => openLoop(readers, seconds, THINK_MS, send));
  const closed = await probed(() => closedLoop(readers, seconds * CLOSED_SHARE, send));
  const results = {
    readers,
    seconds,
    callers: values.shared ? 1 : readers,
    pairs: PAIRS,
    thinkMs: THINK_MS,
    processors: availableParallelism(),
    open,
    closed,
    rssMib: familyRss(server.background.process.pid ?? 0),
  };
  const text = JSON.stringify(results, null, 2);
  if (!values.dry) {
    await mkdir(dirname(RESULTS), { recursive: true });
    await writeFile(RESULTS, `${text}\n`);
  }
  process.stdout.write(`${text}\n`);
  const { p99Ms, errors } = open as { p99Ms: number; errors: number };
  const holds = errors === 0 && p99Ms <= P99_MS;
  process.stdout.write(
    `${holds ? 'holds' : 'DOES NOT HOLD'}: p99 ${p99Ms} ms (at most ${P99_MS}), ${errors} errors\n`,
  );
  process.exitCode = holds ? 0 : 1;
} finally {
  await server.stop();
  await orthanc.stop();
}
