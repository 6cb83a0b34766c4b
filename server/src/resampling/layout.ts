/**
 * What TypeScript passes to the resampling module (server/src/resampling/wasm/resampling.ts): words of 4 bytes. Both import this
 * file, so it has integer constants only.
 * @module
 */

/** Address of a slice of the volume: int16, or floats where IS_FLOAT is 1. */
export const SLICE = 0;
export const IS_FLOAT = 1;
/** Voxels in a row of the slice. */
export const COLUMNS = 2;
/** Address of a scratch row, floats: the columns, and the taps of the axis u. */
export const ROW = 3;
/** Address of the reduced slice, floats: plane[v * samples of u + u]. */
export const PLANE = 4;
/** The axes along a row and across the rows: {@link AXIS_WORDS} each. */
export const AXIS_U = 5;
export const AXIS_V = 12;
export const PLAN_WORDS = 19;

/** Words of an axis. Addresses: per sample the first voxel, and {@link TAPS} weights in float64. */
export const FIRST = 0;
export const WEIGHTS = 1;
export const TAPS = 2;
/** First and end of the samples inside the volume. */
export const FROM = 3;
export const END = 4;
/** Samples of the axis. */
export const SAMPLES = 5;
/** From one sample to the next one in the output, samples; may be negative. */
export const STRIDE = 6;
export const AXIS_WORDS = 7;
