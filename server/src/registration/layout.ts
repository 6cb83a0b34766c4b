/**
 * Where the numbers lie that TypeScript and the modules of registration (server/src/registration/wasm) exchange. Both import this file, so
 * it has integer constants only.
 * @module
 */

/** Terms of the polynomial: 1; x, y, z; xx, yy, zz, xy, xz, yz. */
export const TERMS = 10;
/** Products of two terms that differ from each other: the monomials up to the fourth degree. */
export const PRODUCTS = 35;
/** Products of two gradient components: xx, xy, xz, yy, yz, zz. */
export const GRADIENT_PRODUCTS = 6;

/** Voxels of a box along one axis at most: windows reach over 25, and what they are mapped to over little more. */
export const BOX_EDGE = 64;
/** Capacity of a box, numbers. */
export const BOX_CAPACITY = BOX_EDGE * BOX_EDGE * BOX_EDGE;
/** Numbers behind a box that a copy of its last row may write. */
export const BOX_SLACK = 8;
/** Voxels of a level that are handed over at a time. */
export const STAGED_CAPACITY = 65536;
/** Voxels of a window at most: those of a sphere of 16 voxels. */
export const WINDOW_CAPACITY = 16384;
/** Voxels whose sums are computed at a time: what is needed of them stays in the processor's first cache. */
export const PIECE = 256;

/** Offsets in sigmas: BOX_EDGE per axis; then the same of Gaussian weights. */
export const GAUSS = 3 * BOX_EDGE;
export const TABLE_NUMBERS = 6 * BOX_EDGE;

/** Numbers of LIMITS: first and end of the level along i, j, k; then of the box. */
export const LEVEL_LIMITS = 0;
export const BOX_LIMITS = 6;
export const LIMITS_NUMBERS = 12;

/** Words of WINDOW. Index in the query's box of the tables' first entries; may lie outside of it where those do not count. */
export const FIRST = 0;
/** To the next row and slice of the box, voxels. */
export const TO_J = 1;
export const TO_K = 2;
/** Entries of the tables along i, j, k. */
export const COUNT = 3;
/** 2: only voxels whose indices and the parity sum to an even number; 1: all. */
export const STEP = 6;
export const PARITY = 7;
/** First and end, along i, j, k, of the entries whose voxels have neighbours in the level on both sides. */
export const INNER_FROM = 8;
export const INNER_END = 11;
/** Address of the box. */
export const BOX = 14;
export const WINDOW_WORDS = 15;

/** Regions of a window along one axis, enough for the widest one; the point is in the middle of the middle one. */
export const REGION_EDGE = 16;
export const REGIONS = REGION_EDGE * REGION_EDGE * REGION_EDGE;

/** Numbers of SCALES: 1 / (2 spacing) along i, j, k, per mm; and how far the window reaches, sigmas. */
export const PER_MM = 0;
export const REACH = 3;
export const SCALES_NUMBERS = 4;
