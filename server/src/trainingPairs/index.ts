/** Crops of the same anatomy in two series, for self-supervised training. @module */
export { cropAround } from './cropAround.ts';
export { drawPair, MOST_TRIES } from './drawPair.ts';
export { PAIR_KINDS } from './types.ts';
export type { DrawnPair, DrawRequest, PairKind, PairSeries } from './types.ts';
