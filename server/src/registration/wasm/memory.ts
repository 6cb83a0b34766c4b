/**
 * The static memory of the registration module. Lines hold one float per voxel of the window; beyond the last voxel, up to a multiple of
 * four, all are 0. ../layout.ts says what the other places hold.
 * @module
 */
import {
  BOX_CAPACITY,
  BOX_SLACK,
  GRADIENT_PRODUCTS,
  LIMITS_NUMBERS,
  PIECE,
  PRODUCTS,
  REGIONS,
  SCALES_NUMBERS,
  STAGED_CAPACITY,
  TABLE_NUMBERS,
  TERMS,
  WINDOW_CAPACITY,
  WINDOW_WORDS,
} from '../layout';

/** Lines. Offset from the point, sigmas. */
export const X = memory.data(4 * WINDOW_CAPACITY, 16);
export const Y = memory.data(4 * WINDOW_CAPACITY, 16);
export const Z = memory.data(4 * WINDOW_CAPACITY, 16);
export const VALUE = memory.data(4 * WINDOW_CAPACITY, 16);
/** Gradient, per mm. */
export const GX = memory.data(4 * WINDOW_CAPACITY, 16);
export const GY = memory.data(4 * WINDOW_CAPACITY, 16);
export const GZ = memory.data(4 * WINDOW_CAPACITY, 16);
export const WEIGHT = memory.data(4 * WINDOW_CAPACITY, 16);
/** Of the target: its values, then the residuals; and the weights, 0 where it is out of view. */
export const MOVED = memory.data(4 * WINDOW_CAPACITY, 16);
export const SEEN_WEIGHT = memory.data(4 * WINDOW_CAPACITY, 16);

/** The weights of the window before its regions lose any. */
export const OWN_WEIGHT = memory.data(4 * WINDOW_CAPACITY, 16);
/** The number of each voxel's region, u16; and the length of its gradient, per mm, f64. */
export const REGION_OF = memory.data(2 * WINDOW_CAPACITY, 16);
export const SLOPE = memory.data(8 * WINDOW_CAPACITY, 16);

/** For each region, f64: weighted sums of the residuals, and of what is expected; the weight; the share of it that is kept. */
export const REGION_RESIDUAL = memory.data(8 * REGIONS, 16);
export const REGION_EXPECTED = memory.data(8 * REGIONS, 16);
export const REGION_WEIGHT = memory.data(8 * REGIONS, 16);
export const KEPT = memory.data(8 * REGIONS, 16);
/** Residual over what is expected, f64; and the numbers of the regions that have a voxel in view, u16. */
export const RATIO = memory.data(8 * REGIONS, 16);
export const SEEN_REGIONS = memory.data(2 * REGIONS, 16);

/** Boxes of levels, i fastest: one of the query, one of the target. */
export const FIRST_BOX = memory.data(4 * (BOX_CAPACITY + BOX_SLACK), 16);
export const SECOND_BOX = memory.data(4 * (BOX_CAPACITY + BOX_SLACK), 16);
/** Int16: rows of a level, on the way to a box. */
export const STAGED = memory.data(2 * (STAGED_CAPACITY + BOX_SLACK), 16);
/** Words: what is read of the query's box. */
export const WINDOW = memory.data(4 * WINDOW_WORDS, 16);
/** Floats: the scales of a window. */
export const SCALES = memory.data(4 * SCALES_NUMBERS, 16);
/** Floats: per axis the offsets of a window's voxels, then their weights. */
export const TABLES = memory.data(4 * TABLE_NUMBERS, 16);
/** TERMS coefficients for each axis of the target's level: from offsets in sigmas to its continuous indices. */
export const POLYNOMIALS = memory.data(4 * 3 * TERMS, 16);
/** Floats: where the level and the box begin and end, continuous indices. */
export const LIMITS = memory.data(4 * LIMITS_NUMBERS, 16);
/** Least and largest index along i, j, k. */
export const BOUNDS = memory.data(4 * 6, 16);
/** Results, f64. */
export const SUMS = memory.data(8 * PRODUCTS * GRADIENT_PRODUCTS, 16);
/** Two terms (bytes) per product. */
export const FACTORS = memory.data(2 * PRODUCTS, 16);

/** For one piece of the lines after the other, TERMS lines of what the terms are, and the gradient's part: GRADIENT_PRODUCTS lines. */
export const PIECE_TERMS = memory.data(4 * PIECE * TERMS, 16);
export const PIECE_GRADIENTS = memory.data(4 * PIECE * GRADIENT_PRODUCTS, 16);
/** Sums of four lanes. */
export const ACCUMULATORS = memory.data(16 * PRODUCTS * GRADIENT_PRODUCTS, 16);
