/**
 * Structural (fixed-point) inference of UAE: fixed points around a point, and where each of them puts its counterpart.
 * @module
 */
export { fixedPointsAround } from './fixedPoints.ts';
export type { FixedPoint } from './fixedPoints.ts';
export { transport } from './transport.ts';
