export * from './affine.ts';
export * from './axes.ts';
export * from './gridGeometry.ts';
export * from './points.ts';
export { seededNumbers } from './seededNumbers.ts';
