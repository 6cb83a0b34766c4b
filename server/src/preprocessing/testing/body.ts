import { affineFromColumns } from '../../geometry/index.ts';
import type { Affine } from '../../geometry/index.ts';
import type { Volume } from '../../volume/types.ts';

/** What of a test body may differ. */
export interface BodyOptions {
  readonly dims?: readonly [number, number, number];
  readonly voxelToLps?: Affine;
  readonly modality?: Volume['modality'];
}

/** 3 mm voxels, 2 mm slices, so that resampling has something to do. */
const SPACING = affineFromColumns([3, 0, 0], [0, 3, 0], [0, 0, 2], [-72, -72, 100]);

/**
 * A trunk of soft tissue with two lungs, a spine and some texture, in air, on a thin table: HU, made from formulas.
 * The trunk is an ellipse of half axes 0.4 and 0.3 of the field of view and goes through all slices.
 */
export function testBody({
  dims = [48, 48, 24],
  voxelToLps = SPACING,
  modality = 'CT',
}: BodyOptions = {}): Volume {
  const [nx, ny, nz] = dims;
  const data = new Int16Array(nx * ny * nz);
  for (let k = 0; k < nz; k += 1) {
    for (let j = 0; j < ny; j += 1) {
      for (let i = 0; i < nx; i += 1) {
        data[(k * ny + j) * nx + i] = hounsfield(i / nx - 0.5, j / ny - 0.5, k, i * 7 + j * 13 + k * 29);
      }
    }
  }
  return {
    dims,
    data,
    voxelToLps,
    modality,
    slices: Array.from({ length: nz }, (_, k) => ({
      sopClassUid: '1.2.840.10008.5.1.4.1.1.2',
      sopInstanceUid: `2.25.${k + 1}`,
    })),
    studyInstanceUid: '2.25.100',
    seriesInstanceUid: '2.25.101',
    frameOfReferenceUid: '2.25.102',
    warnings: [],
  };
}

function hounsfield(x: number, y: number, k: number, noise: number): number {
  if (y > 0.42 && y < 0.45) return -300;
  if ((x / 0.4) ** 2 + (y / 0.3) ** 2 > 1) return -1000;
  const texture = (noise % 17) - 8;
  if (Math.hypot((Math.abs(x) - 0.18) / 0.12, (y + 0.02) / 0.18) < 1) return -850 + texture;
  if (Math.hypot(x, y - 0.2) < 0.05) return 400 + texture;
  return 40 + texture + (Math.hypot(x - 0.02, y + 0.1 - k * 0.002) < 0.06 ? 120 : 0);
}
