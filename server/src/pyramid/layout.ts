/**
 * Values of levels, and where rows lie that TypeScript and the modules of WebAssembly exchange. Both import this file,
 * so it has integer constants only.
 * @module
 */

/** Value of a level's voxel that the scanner has not acquired, or whose low pass has read such a one. */
export const NOT_ACQUIRED = -32768;
/** Registration units below any that is acquired: what is interpolated from less has read a voxel that is not. */
export const LEAST_UNITS = -2048;

/** Steps of a level in one registration unit. */
export const STEPS_PER_UNIT = 32;
/** A row that the pyramid module filters has its edges beside it: so many numbers more. */
export const ROW_SLACK = 8;
