import type { Affine } from '../../geometry/index.ts';

/**
 * An affine map as an ITK transform file (.tfm): points of the fixed image to points of the moving one, LPS mm, as ITK, SimpleITK, ANTs and
 * 3D Slicer expect of a transform that resamples the moving image.
 */
export function itkTransform(m: Affine): string {
  const linear = [m[0], m[1], m[2], m[4], m[5], m[6], m[8], m[9], m[10]];
  return [
    '#Insight Transform File V1.0',
    '#Transform 0',
    'Transform: AffineTransform_double_3_3',
    `Parameters: ${[...linear, m[3], m[7], m[11]].join(' ')}`,
    'FixedParameters: 0 0 0',
    '',
  ].join('\n');
}

/** The rows of an affine map as a 4 x 4 matrix. */
export function matrixOf(m: Affine): readonly (readonly number[])[] {
  return [[m[0], m[1], m[2], m[3]], [m[4], m[5], m[6], m[7]], [m[8], m[9], m[10], m[11]], [0, 0, 0, 1]]; // prettier-ignore
}
