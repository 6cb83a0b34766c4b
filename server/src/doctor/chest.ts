import { affineFromColumns } from '../geometry/index.ts';
import type { Volume } from '../volume/index.ts';

/** Size of a chest CT, mm: from the neck to the liver. */
const SIZE_MM = [360, 260, 300] as const;
const VOXEL_MM = [2, 2, 3] as const;
/** Attenuation, HU. */
const HU = { air: -1000, lung: -850, tissue: 40, bone: 400 } as const;

function isIn(
  x: number,
  y: number,
  [cx, cy]: readonly [number, number],
  [rx, ry]: readonly [number, number],
): boolean {
  return ((x - cx) / rx) ** 2 + ((y - cy) / ry) ** 2 <= 1;
}

/** The attenuation at a place in a slice, mm from its middle; some structure, so that no part of the work is empty. */
function huAt(x: number, y: number, z: number): number {
  if (!isIn(x, y, [0, 0], [170, 115])) return HU.air;
  if (isIn(x, y, [0, 80], [18, 18])) return HU.bone;
  const ripple = Math.round(15 * Math.sin(x / 7) * Math.sin(y / 9) * Math.sin(z / 8));
  const isLung = isIn(x, y, [-80, -5], [62, 85]) || isIn(x, y, [80, -5], [62, 85]);
  return (isLung ? HU.lung : HU.tissue) + ripple;
}

/** A made-up chest: as large as a real one, so that the time to embed it is the same. */
export function chestVolume(): Volume {
  const dims = SIZE_MM.map((size, axis) => Math.round(size / (VOXEL_MM[axis] ?? 1))) as [
    number,
    number,
    number,
  ];
  const [nx, ny, nz] = dims;
  const [dx, dy, dz] = VOXEL_MM;
  const data = new Int16Array(nx * ny * nz);
  for (let k = 0; k < nz; k += 1)
    for (let j = 0; j < ny; j += 1)
      for (let i = 0; i < nx; i += 1)
        data[(k * ny + j) * nx + i] = huAt((i - nx / 2) * dx, (j - ny / 2) * dy, k * dz);
  return {
    dims,
    data,
    voxelToLps: affineFromColumns([dx, 0, 0], [0, dy, 0], [0, 0, dz], [-SIZE_MM[0] / 2, -SIZE_MM[1] / 2, 0]),
    slices: Array.from({ length: nz }, (_, k) => ({
      sopClassUid: '1.2.840.10008.5.1.4.1.1.2',
      sopInstanceUid: `2.25.${k + 1}`,
    })),
    studyInstanceUid: '2.25.1',
    seriesInstanceUid: '2.25.2',
    frameOfReferenceUid: '2.25.3',
    modality: 'CT',
    warnings: [],
  };
}
