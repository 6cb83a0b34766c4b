/**
 * A pair of series of thin slices from a real PACS to the answer, cold, in each transfer syntax: time, processor time and memory of the
 * server and its inference process, the median of some runs. Every run has a server of its own. Synthetic images; nothing of a patient.
 * @module
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { SeriesRef } from '../support/api.ts';
import type { Dicomweb } from '../support/dicomweb.ts';
import { startSamepoint } from '../support/samepointServer.ts';
import { familyCpuSeconds, FamilyWatch } from './family.ts';
import { median } from './stages.ts';
import { newSeries, THIN_SLICE_MM, THIN_SYNTAXES, ThinPixels } from './thinSeries.ts';
import type { ThinSyntax } from './thinSeries.ts';

/** A row of the results. */
export interface ThinMeasurement {
  readonly stage: string;
  readonly data: string;
  readonly state: 'cold';
  readonly seconds: number;
  /** Of the server and its inference process; the PACS has its own. */
  readonly cpuSeconds: number;
  /** Of both processes at a time. */
  readonly peakRssMb: number;
}

type Cost = Pick<ThinMeasurement, 'seconds' | 'cpuSeconds' | 'peakRssMb'>;

/** A patient's chest and abdomen, and a whole body. */
export const THIN_SLICES: readonly number[] = [400, 2000];
/** A pair is measured so often; a pair of so many slices and more, once. */
const [RUNS, ONCE_FROM_SLICES] = [3, 1000];
/** A server that has just started warms itself up, s. */
const STARTED_FOR_S = 6;
const MS_PER_S = 1000;

async function measurePair(
  root: string,
  [query, target]: readonly [SeriesRef, SeriesRef],
  slices: number,
): Promise<Cost> {
  const server = await startSamepoint({ dicomweb: { root } });
  try {
    await sleep(STARTED_FOR_S * MS_PER_S);
    const pid = server.background.process.pid ?? 0;
    const watch = new FamilyWatch(pid);
    const cpuBefore = familyCpuSeconds(pid);
    const since = performance.now();
    const lps = [0, 0, (slices * THIN_SLICE_MM) / 2] as const;
    const answer = await server.api.match({ query, targets: [target], points: [{ id: 'p', lps }] });
    const seconds = (performance.now() - since) / MS_PER_S;
    if (!Array.isArray(answer) || answer[0]?.ok !== true)
      throw new Error(`the point was not matched: ${JSON.stringify(answer).slice(0, 500)}`);
    const cpuSeconds = familyCpuSeconds(pid) - cpuBefore;
    return { seconds, cpuSeconds, peakRssMb: watch.stop().together };
  } finally {
    await server.stop();
  }
}

/** Stores two series of so many slices in a syntax. */
export async function storeThinPair(
  dicomweb: Dicomweb,
  pixels: ThinPixels,
  slices: number,
): Promise<readonly [SeriesRef, SeriesRef]> {
  const pair = [newSeries(), newSeries()] as const;
  for (const series of pair) await dicomweb.store(pixels.filesOf(series, slices));
  return pair;
}

/** All rows, one after the other: an hour's data is never in memory at a time. */
export async function* measureThinPairs(
  dicomweb: Dicomweb,
  lengths: readonly number[] = THIN_SLICES,
): AsyncGenerator<ThinMeasurement> {
  for (const syntax of Object.keys(THIN_SYNTAXES) as ThinSyntax[]) {
    const pixels = await ThinPixels.in(syntax, Math.max(...lengths));
    for (const slices of lengths) {
      const pair = await storeThinPair(dicomweb, pixels, slices);
      const runs: Cost[] = [];
      const count = slices < ONCE_FROM_SLICES ? RUNS : 1;
      while (runs.length < count) runs.push(await measurePair(dicomweb.root, pair, slices));
      yield {
        stage: 'thin pair',
        data: `2 x ${slices} slices of ${THIN_SLICE_MM} mm, 512 x 512, ${syntax}, from Orthanc to the answer`,
        state: 'cold',
        seconds: median(runs.map(({ seconds }) => seconds)),
        cpuSeconds: median(runs.map(({ cpuSeconds }) => cpuSeconds)),
        peakRssMb: Math.max(...runs.map(({ peakRssMb }) => peakRssMb)),
      };
    }
  }
}
