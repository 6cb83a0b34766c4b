import { perAxis, spacingOf, toLps, voxelIndex } from '../../server/src/geometry/index.ts';
import type { LpsPoint } from '../../server/src/geometry/index.ts';
import type { Volume } from '../../server/src/volume/index.ts';

/** Standard deviation of the smoothing, mm: about half the radius of the lesions that are looked for. */
const SIGMA_MM = 3;
/** Where less than this share of what is averaged has a value, nothing is looked for. */
const LEAST_KNOWN = 0.5;

/** A place of an image where its smoothed values are largest or smallest among all neighbours. */
export interface Blob {
  readonly lps: LpsPoint;
  readonly value: number;
}

type Image = Pick<Volume, 'dims' | 'data' | 'voxelToLps'>;

/** The strongest local maxima of an image (or minima: `sign` -1) after Gaussian smoothing that omits what is blank. */
export function strongestBlobs(image: Image, blank: number, sign: 1 | -1, count: number): readonly Blob[] {
  const { dims, data, voxelToLps } = image;
  const sigma = perAxis((axis) => SIGMA_MM / spacingOf(voxelToLps)[axis]);
  const known = smoothed(
    Float32Array.from(data, (value) => (value === blank ? 0 : 1)),
    dims,
    sigma,
  );
  const sums = smoothed(
    Float32Array.from(data, (value) => (value === blank ? 0 : sign * value)),
    dims,
    sigma,
  );
  const values = sums.map((sum, at) => (known[at]! > LEAST_KNOWN ? sum / known[at]! : 0));
  const [ni, nj] = dims;
  return [...values.keys()]
    .filter((at) => isPeak(values, dims, at))
    .sort((a, b) => values[b]! - values[a]!)
    .slice(0, count)
    .map((at) => ({
      lps: toLps(voxelToLps, voxelIndex(at % ni, Math.floor(at / ni) % nj, Math.floor(at / (ni * nj)))),
      value: sign * values[at]!,
    }));
}

function isPeak(values: Float32Array, [ni, nj, nk]: Volume['dims'], at: number): boolean {
  const [i, j, k] = [at % ni, Math.floor(at / ni) % nj, Math.floor(at / (ni * nj))];
  if (values[at]! <= 0 || i === 0 || j === 0 || k === 0 || i === ni - 1 || j === nj - 1 || k === nk - 1)
    return false;
  for (let n = 0; n < 27; n++) {
    const other = at + (n % 3) - 1 + ni * ((Math.floor(n / 3) % 3) - 1) + ni * nj * (Math.floor(n / 9) - 1);
    if (values[other]! > values[at]!) return false;
  }
  return true;
}

function smoothed(
  values: Float32Array,
  dims: Volume['dims'],
  sigma: readonly [number, number, number],
): Float32Array {
  const strides = [1, dims[0], dims[0] * dims[1]] as const;
  return ([0, 1, 2] as const).reduce((from, axis) => {
    const reach = Math.ceil(3 * sigma[axis]);
    const kernel = Array.from({ length: 2 * reach + 1 }, (_, n) =>
      Math.exp(-0.5 * ((n - reach) / sigma[axis]) ** 2),
    );
    const total = kernel.reduce((sum, weight) => sum + weight, 0);
    return from.map((_, at) => {
      const along = Math.floor(at / strides[axis]) % dims[axis];
      let sum = 0;
      for (const [n, weight] of kernel.entries()) {
        const other = along + n - reach;
        if (other >= 0 && other < dims[axis]) sum += weight * from[at + (n - reach) * strides[axis]]!;
      }
      return sum / total;
    });
  }, values);
}
