import type { Embedding } from '../../embedding/types.ts';
import { lpsPoint } from '../../geometry/index.ts';
import type { Affine } from '../../geometry/index.ts';
import { LEVEL_STEP } from '../../pyramid/index.ts';
import type { Pyramid } from '../../pyramid/index.ts';
import { applyTo } from '../../affineRegistration/index.ts';

/** The images of a pair for registration. */
interface Images {
  readonly query: Pyramid;
  readonly target: Pyramid;
}

/** Intensities of two MR of one sequence correlate more than this over the body, also where the map is a centimetre off. */
const LEAST_CORRELATION = 0.35;
/** Darker voxels are air, in values of a level: a twentieth of the brightest. */
const AIR = 20 / LEVEL_STEP;
/** Every second voxel along each axis is compared, which is one in 8 mm. */
const STEP = 2;
/** With fewer common voxels nothing is said. */
const FEWEST_VOXELS = 50;

/**
 * True where the intensities of a pair do not follow from each other by gain and offset: two modalities, or two MR in which the same tissue
 * is bright in one and dark in the other.
 * @param map from the LPS of the query to that of the target, as far as it is known
 */
export function areOfTwoContrasts(
  query: Pick<Embedding, 'volume'>,
  target: Pick<Embedding, 'volume'>,
  images: Images,
  map: Affine | undefined,
): boolean {
  if (query.volume.modality !== target.volume.modality) return true;
  if (query.volume.modality !== 'MR' || map === undefined) return false;
  return correlationOf(valuePairs(images, map)) < LEAST_CORRELATION;
}

/** Values at the same places of both coarse images, where the query shows no air and the target has a voxel. */
function valuePairs({ query: { coarse: from }, target: { coarse: to } }: Images, map: Affine) {
  const [nx, ny, nz] = from.dims;
  const found: (readonly [number, number])[] = [];
  for (let k = 0; k < nz; k += STEP)
    for (let j = 0; j < ny; j += STEP)
      for (let i = 0; i < nx; i += STEP) {
        const value = from.values[(k * ny + j) * nx + i] ?? 0;
        if (value < AIR) continue;
        const [x, y, z] = from.origin;
        const [sx, sy, sz] = from.spacing;
        const place = applyTo(map, lpsPoint(x + i * sx, y + j * sy, z + k * sz));
        const [u, v, w] = place.map((at, axis) =>
          Math.round((at - (to.origin[axis] ?? NaN)) / (to.spacing[axis] ?? NaN)),
        );
        const other = valueAt(to, u ?? -1, v ?? -1, w ?? -1);
        if (other !== undefined) found.push([value, other]);
      }
  return found;
}

/** The value of a voxel; undefined outside. */
function valueAt({ dims, values }: Pyramid['coarse'], i: number, j: number, k: number): number | undefined {
  const [nx, ny, nz] = dims;
  const isInside = i >= 0 && j >= 0 && k >= 0 && i < nx && j < ny && k < nz;
  return isInside ? values[(k * ny + j) * nx + i] : undefined;
}

/** Correlation of pairs of values; 1 where there are too few to say. */
function correlationOf(pairs: readonly (readonly [number, number])[]): number {
  if (pairs.length < FEWEST_VOXELS) return 1;
  const mean = (axis: 0 | 1): number => pairs.reduce((sum, pair) => sum + pair[axis], 0) / pairs.length;
  const [a, b] = [mean(0), mean(1)];
  const moment = (of: (da: number, db: number) => number): number =>
    pairs.reduce((sum, [x, y]) => sum + of(x - a, y - b), 0);
  const spread = Math.sqrt(moment((da) => da ** 2) * moment((_, db) => db ** 2));
  return spread === 0 ? 1 : moment((da, db) => da * db) / spread;
}
