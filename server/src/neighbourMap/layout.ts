/**
 * Where the numbers lie that TypeScript and the module of the smooth field (server/src/neighbourMap/wasm) exchange, counted in
 * float64. Both import this file, so it has integer constants only.
 * @module
 */
import { TERMS } from '../registration/layout.ts';

/** Numbers of a node: where it is (3), its deviation from the affine map (3), its weight. */
export const FROM = 0;
export const DEVIATION = 3;
export const WEIGHT = 6;
export const NODE_NUMBERS = 7;

/** Numbers of the workplace. The point, mm; the place of a node that is omitted, NaN for none. */
export const POINT = 0;
export const EXCEPT = 3;
/** Length of the window, mm; a node farther away than so many sigmas counts nothing. */
export const SIGMA = 6;
export const REACH = 7;
/** Sums of the weighted squared deviations (mm2) and of the weights. */
export const SPREAD = 8;
/** The terms, one after the other. */
export const PHI = 10;
/** Rows of TERMS: the lower triangle of the normal equations; what is above the diagonal is undefined. */
export const SYSTEM = PHI + TERMS;
/** TERMS of x, y and z: the right sides; then the solution. */
export const RIGHT = SYSTEM + TERMS * TERMS;
export const WORKPLACE_NUMBERS = RIGHT + 3 * TERMS;
