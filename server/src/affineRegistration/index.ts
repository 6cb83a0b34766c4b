/**
 * How two patients lie to each other: gross pose and affine map, from preview images and matches.
 * @module
 */
export { applyTo, leastSquaresAffine, reweightedAffine, robustAffine } from './affine/affineFit.ts';
export type { PointPair } from './affine/affineFit.ts';
export { carry, registerPreviews } from './affine/register.ts';
export type { Registration } from './affine/register.ts';
export { grossPose } from './pose/grossPose.ts';
export type { GrossPose } from './pose/grossPose.ts';
export { MIRROR, angleBetweenDeg, angleDeg, axisOf, axisRotations, transposed } from './pose/rotations.ts';
