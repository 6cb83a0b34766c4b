export * from './affine.ts';
export * from './points.ts';
