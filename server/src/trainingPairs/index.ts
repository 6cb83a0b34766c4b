/** Crops of the same anatomy in two series, for self-supervised training. @module */
export { cropAround } from './cropAround.ts';
export { drawPair, MOST_TRIES } from './drawPair.ts';
export type { DrawnPair, DrawRequest, PairSeries } from './types.ts';
