export * from './affine.ts';
export * from './axes.ts';
export * from './gridGeometry.ts';
export * from './points.ts';
export { seededNumbers } from './seededNumbers.ts';
export { angleDegrees, cross, dot, norm, plus, times } from './vectors.ts';
export type { Vector } from './vectors.ts';
