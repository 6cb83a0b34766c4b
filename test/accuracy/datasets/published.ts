/**
 * Published results on public datasets, printed beside the measured ones; never written to the results file.
 * @module
 */
import type { Row } from '../statistics.ts';
import type { Metrics } from './metrics.ts';

/** A published result. */
interface Published {
  readonly data: string;
  readonly case: string;
  /** Points that it is of. */
  readonly n: number;
  readonly method: string;
  readonly metrics: Metrics;
}

/** Names the rows: they are of no model of this server. */
const PUBLISHED = 'published';

const RESULTS: readonly Published[] = [
  {
    // Computed from the per-case answers DLTMix.json of github.com/JimmyCai91/DLT (Cai et al., CVPR 2021).
    ...{ data: 'deeplesion', case: 'test', n: 960, method: 'DLT-Mix' },
    metrics: {
      ...{ medMm: 6.98, medSdMm: 8.95, xMm: 3.48, yMm: 2.93, zMm: 4.03 },
      ...{ cpm10: 0.7885, cpm10Plain: 0.8667, cpmRadius: 0.8688, cpmBox: 0.9531 },
    },
  },
  {
    // resources/training.md of alibaba-damo-academy/self-supervised-anatomical-embedding-v2; its CPM@10mm is the plain one, CPM@Radius the box.
    ...{ data: 'deeplesion', case: 'test', n: 960, method: 'UAE-S structural' },
    metrics: {
      ...{ medMm: 5.57, medSdMm: 5.88, xMm: 2.35, yMm: 2.1, zMm: 3.78 },
      ...{ cpm10Plain: 0.8833, cpmBox: 0.9667 },
    },
  },
];

/** The published rows of the data and cases of measured ones. */
export function publishedRows(measured: readonly Row[]): readonly Row[] {
  return RESULTS.filter((result) =>
    measured.some((row) => row.data === result.data && row.case === result.case),
  ).map((result) => ({
    ...result,
    model: PUBLISHED,
    ...{ medianMm: null, meanMm: null, p95Mm: null, within10mm: null, within5mm: null, seconds: 0 },
  }));
}
