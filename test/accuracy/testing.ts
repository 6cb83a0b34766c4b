import { affineFromColumns } from '../../server/src/geometry/index.ts';
import type { Volume } from '../../server/src/volume/index.ts';

/** A volume on a patient-aligned grid with given spacing and first voxel (LPS mm), filled from voxel indices. */
export function volumeOf(
  dims: readonly [number, number, number],
  spacing: readonly [number, number, number],
  origin: readonly [number, number, number],
  value: (i: number, j: number, k: number) => number,
): Volume {
  const data = new Int16Array(dims[0] * dims[1] * dims[2]);
  let at = 0;
  for (let k = 0; k < dims[2]; k++)
    for (let j = 0; j < dims[1]; j++) for (let i = 0; i < dims[0]; i++) data[at++] = value(i, j, k);
  return {
    dims,
    data,
    voxelToLps: affineFromColumns([spacing[0], 0, 0], [0, spacing[1], 0], [0, 0, spacing[2]], origin),
    slices: Array.from({ length: dims[2] }, () => ({ sopClassUid: '', sopInstanceUid: '' })),
    studyInstanceUid: '1.2',
    seriesInstanceUid: '1.3',
    frameOfReferenceUid: '1.4',
    modality: 'CT',
    warnings: [],
  };
}
