import { distanceMm, invert, perAxis, toLps, toVoxel, voxelIndex } from '../geometry/index.ts';
import type { LpsPoint } from '../geometry/index.ts';
import type { Volume } from '../volume/index.ts';

/** Of the values that are given. */
const PERCENTILES = [5, 25, 50, 75, 95] as const;
/** Names of the statistics, in the order of {@link statisticsRow}. */
export const STATISTICS = ['n', 'mean', 'sd', 'min', ...PERCENTILES.map((p) => `p${String(p)}`), 'max'];

/** Values of the voxels around a place, in modality units (CT: HU); all but `n` are NaN where there is no voxel. */
export interface PatchStatistics {
  readonly n: number;
  readonly mean: number;
  /** Of the sample: divided by n - 1; 0 of one voxel. */
  readonly sd: number;
  readonly min: number;
  /** By linear interpolation between the sorted values. */
  readonly percentiles: readonly number[];
  readonly max: number;
}

/** Statistics of the voxels whose centres lie within a distance of a place (LPS, mm). */
export function patchStatistics(
  volume: Pick<Volume, 'dims' | 'data' | 'voxelToLps'>,
  lps: LpsPoint,
  radiusMm: number,
): PatchStatistics {
  const values = valuesAround(volume, lps, radiusMm).sort((a, b) => a - b);
  const n = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return {
    n,
    mean,
    sd: n === 1 ? 0 : Math.sqrt(squares / (n - 1)),
    min: values[0] ?? NaN,
    percentiles: PERCENTILES.map((percent) => percentile(values, percent / 100)),
    max: values.at(-1) ?? NaN,
  };
}

/** The numbers of a patch in the order of {@link STATISTICS}. */
export function statisticsRow({ n, mean, sd, min, percentiles, max }: PatchStatistics): readonly number[] {
  return [n, mean, sd, min, ...percentiles, max];
}

function valuesAround(
  { dims, data, voxelToLps }: Pick<Volume, 'dims' | 'data' | 'voxelToLps'>,
  lps: LpsPoint,
  radiusMm: number,
): number[] {
  const lpsToVoxel = invert(voxelToLps);
  const centre = toVoxel(lpsToVoxel, lps);
  const [i, j, k] = perAxis((axis) => {
    // A ball reaches as far along an index as the row of the inverse is long.
    const row = lpsToVoxel.slice(4 * axis, 4 * axis + 3);
    const reach = radiusMm * Math.hypot(...row);
    return [
      Math.max(Math.ceil(centre[axis] - reach), 0),
      Math.min(Math.floor(centre[axis] + reach), dims[axis] - 1),
    ] as const;
  });
  const values: number[] = [];
  for (let z = k[0]; z <= k[1]; z++)
    for (let y = j[0]; y <= j[1]; y++)
      for (let x = i[0]; x <= i[1]; x++)
        if (distanceMm(toLps(voxelToLps, voxelIndex(x, y, z)), lps) <= radiusMm)
          values.push(data[(z * dims[1] + y) * dims[0] + x] ?? NaN);
  return values;
}

function percentile(sorted: readonly number[], share: number): number {
  const at = share * (sorted.length - 1);
  const [low, high] = [sorted[Math.floor(at)], sorted[Math.ceil(at)]];
  return low === undefined || high === undefined ? NaN : low + (at - Math.floor(at)) * (high - low);
}
