/**
 * `npm run bench:arrivals`: how soon the first click is answered in studies that were precomputed when they arrived, on a real PACS. Each
 * study is opened once, and clicked after some seconds, after the server has started again, so that nothing of it is in memory; nothing may be embedded meanwhile.
 */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { SeriesRef } from '../support/api.ts';
import { startOrthanc } from '../support/orthanc.ts';
import { temporaryFolder } from '../support/paths.ts';
import { startSamepoint } from '../support/samepointServer.ts';
import type { SamepointServer, ServerSettings } from '../support/samepointServer.ts';
import { SmallPatient } from '../support/smallPatient.ts';
import { sumOf } from '../support/workers.ts';

/** Patients, each with an earlier study and a new one. */
const PATIENTS = Number(process.argv[2] ?? 20);
/** A reader looks at a study before the first click, ms. */
const LOOKING_MS = Number(process.argv[3] ?? 3_000);

interface Pair {
  readonly query: SeriesRef;
  readonly target: SeriesRef;
}

async function metric(server: SamepointServer, name: string, labels: string): Promise<number> {
  return sumOf(await (await fetch(`${server.url}/samepoint/metrics`)).text(), name, labels);
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await pause(200);
}

/** Time from the request to the whole answer, ms. */
async function firstClick(
  server: SamepointServer,
  { query, target }: Pair,
  lps: readonly number[],
): Promise<number> {
  const body = { query, targets: [target], points: [{ id: 'p', lps }] };
  const start = performance.now();
  const { status } = await server.api.request('POST', '/matches', body);
  if (status !== 200) throw new Error(`a first click was answered ${status}`);
  return performance.now() - start;
}

function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

const folder = temporaryFolder('arrivals');
const orthanc = await startOrthanc(1);
const patient = new SmallPatient(orthanc.dicomweb);
const settings: ServerSettings = {
  dicomweb: {
    root: orthanc.dicomweb.root,
    arrival: 'orthanc',
    orthancRoot: new URL(orthanc.dicomweb.root).origin,
  },
  arrival: { pollMs: 1_000, directory: join(folder, 'arrival'), rules: [{ minimumSlices: 10, priors: 1 }] },
  embedding: { cacheDirectory: join(folder, 'embeddings') },
};
let server = await startSamepoint(settings);
try {
  await until(async () => (await server.api.request('GET', '/health/ready')).status === 200);
  const pairs: Pair[] = [];
  for (let number = 0; number < PATIENTS; number += 1) {
    const patientId = `P${number}`;
    const target = await patient.storePrior({ patientId });
    pairs.push({ query: await patient.storeCurrent({ patientId }), target });
  }
  await until(async () => (await metric(server, 'samepoint_arrivals_total', '"ready"')) >= 2 * PATIENTS);
  await server.stop();
  server = await startSamepoint(settings);
  await until(async () => (await server.api.request('GET', '/health/ready')).status === 200);
  const times: number[] = [];
  for (const pair of pairs) {
    await server.api.request('GET', `/priors?studyInstanceUid=${pair.query.studyInstanceUid}`);
    await pause(LOOKING_MS);
    times.push(await firstClick(server, pair, patient.point));
  }
  times.sort((one, other) => one - other);
  const embedded = await metric(server, 'samepoint_stage_duration_seconds_count', '"embed"');
  const [median, p95] = [0.5, 0.95].map((share) => Math.round(quantile(times, share)));
  process.stdout.write(
    `${PATIENTS} studies opened once: median ${median} ms, p95 ${p95} ms, ${embedded} series embedded meanwhile\n`,
  );
} finally {
  await server.stop();
  await orthanc.stop();
  await rm(folder, { recursive: true, force: true });
}
