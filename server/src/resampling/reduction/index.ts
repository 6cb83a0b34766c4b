/**
 * Slices reduced when they arrive. This is no part of the index above: threads that resample whole volumes load no codecs.
 * @module
 */
export { reduceSlice } from './reduceSlice.ts';
