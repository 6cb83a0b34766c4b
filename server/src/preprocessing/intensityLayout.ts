/**
 * What TypeScript and the intensity module (server/src/preprocessing/wasm/intensity.ts) share. Both import this file, so it has integer
 * constants only.
 * @module
 */

/** Values that are converted at a time: what is read and what is written stay in the fastest cache of a processor. */
export const BLOCK_VALUES = 8192;
