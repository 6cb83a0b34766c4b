import type { LpsPoint } from '../geometry/index.ts';
import type { Embedding } from '../embedding/index.ts';

/** A series that crops are cut of. */
export interface PairSeries {
  /** Names it in the manifest; the patient of two series of one folder is the same. */
  readonly name: string;
  readonly patient: string;
}

/** Where pairs come from: one patient, or two. */
export type PairKind = 'within' | 'between';

/** Two places of the same anatomy. */
export interface DrawnPair {
  /** In one patient, or of two. */
  readonly kind: PairKind;
  readonly a: { readonly series: string; readonly lps: LpsPoint };
  readonly b: { readonly series: string; readonly lps: LpsPoint };
  readonly similarity: number;
  readonly cycleErrorMm: number;
  /** Points that were tried. */
  readonly tries: number;
}

/** What pairs are drawn with. */
export interface DrawRequest {
  readonly series: readonly PairSeries[];
  readonly embeddingOf: (series: PairSeries) => Promise<Embedding>;
  /** The place of a point of one series in another; undefined where it has none that can be relied on. */
  readonly match: (
    query: Embedding,
    target: Embedding,
    lps: LpsPoint,
    kind: PairKind,
  ) => Promise<
    { readonly lps: LpsPoint; readonly similarity: number; readonly cycleErrorMm: number } | undefined
  >;
  readonly minScore: number;
  readonly seed: number;
}
