import { bytesOf, niftiHeader } from '../../nifti/index.ts';
import { displacementsOf } from '../field/displacementField.ts';
import type { DisplacementField } from '../types.ts';

/**
 * A displacement field as ITK and SimpleITK read it (`sitk.ReadImage` as vectors of float64, `DisplacementFieldTransform`): for every
 * point of the fixed series the vector to its place in the moving one, LPS mm.
 */
export function fieldFile(field: DisplacementField, description: string): Buffer[] {
  const interleaved = displacementsOf(field);
  const count = interleaved.length / 3;
  const planes = new Float32Array(interleaved.length);
  for (let node = 0; node < count; node++)
    for (let axis = 0; axis < 3; axis++) planes[axis * count + node] = interleaved[3 * node + axis] ?? NaN;
  const { grid } = field;
  return [niftiHeader({ ...grid, type: 'float32', components: 3, description }), bytesOf(planes)];
}
