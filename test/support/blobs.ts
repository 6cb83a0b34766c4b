import { distanceMm, perAxis, spacingOf, toLps, voxelIndex } from '../../server/src/geometry/index.ts';
import type { LpsPoint } from '../../server/src/geometry/index.ts';
import type { Volume } from '../../server/src/volume/index.ts';

/** Standard deviation of the smoothing, mm: about half the radius of the lesions that are looked for. */
const SIGMA_MM = 3;
/** Where less than this share of what is averaged has a value, nothing is looked for. */
const LEAST_KNOWN = 0.5;

/** Peaks nearer than this to a stronger one belong to the same lesion: what a nodule has grown by is a shell. */
const APART_MM = 15;
/** Less than this, smoothed, is noise. */
const LEAST_VALUE = 5;

/** A place of an image where its smoothed values are largest or smallest among all neighbours. */
export interface Blob {
  readonly lps: LpsPoint;
  readonly value: number;
}

type Image = Pick<Volume, 'dims' | 'data' | 'voxelToLps'>;

/** The strongest local maxima of an image (or minima: `sign` -1) after Gaussian smoothing that omits what is blank, one for each lesion. */
export function strongestBlobs(image: Image, blank: number, sign: 1 | -1, count: number): readonly Blob[] {
  const { dims, data, voxelToLps } = image;
  const sigma = perAxis((axis) => SIGMA_MM / spacingOf(voxelToLps)[axis]);
  const [counted, signed] = [new Float32Array(data.length), new Float32Array(data.length)];
  for (let at = 0; at < signed.length; at++) {
    const value = data[at]!;
    if (value === blank) continue;
    counted[at] = 1;
    signed[at] = sign * value;
  }
  const [known, values] = [smoothed(counted, dims, sigma), smoothed(signed, dims, sigma)];
  for (let at = 0; at < values.length; at++)
    values[at] = known[at]! > LEAST_KNOWN ? values[at]! / known[at]! : 0;
  const [ni, nj] = dims;
  const places = peaksOf(values, dims).map((at) => ({
    lps: toLps(voxelToLps, voxelIndex(at % ni, Math.floor(at / ni) % nj, Math.floor(at / (ni * nj)))),
    value: sign * values[at]!,
  }));
  const blobs: Blob[] = [];
  for (const place of places) {
    if (blobs.length === count) break;
    if (blobs.every(({ lps }) => distanceMm(lps, place.lps) > APART_MM)) blobs.push(place);
  }
  return blobs;
}

/** Voxels whose value is the largest among their neighbours, the largest first. */
function peaksOf(values: Float32Array, dims: Volume['dims']): readonly number[] {
  const peaks: number[] = [];
  for (let at = 0; at < values.length; at++)
    if (values[at]! > LEAST_VALUE && isPeak(values, dims, at)) peaks.push(at);
  return peaks.sort((one, other) => values[other]! - values[one]!);
}

function isPeak(values: Float32Array, [ni, nj, nk]: Volume['dims'], at: number): boolean {
  const [i, j, k] = [at % ni, Math.floor(at / ni) % nj, Math.floor(at / (ni * nj))];
  if (i === 0 || j === 0 || k === 0 || i === ni - 1 || j === nj - 1 || k === nk - 1) return false;
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
    return smoothedAlong(from, { stride: strides[axis], count: dims[axis], kernel, total });
  }, values);
}

/** One axis; values are read in a plain loop, of which a test sandbox makes as few look-ups as it can. */
function smoothedAlong(
  from: Float32Array,
  {
    stride,
    count,
    kernel,
    total,
  }: {
    readonly stride: number;
    readonly count: number;
    readonly kernel: readonly number[];
    readonly total: number;
  },
): Float32Array {
  const reach = (kernel.length - 1) / 2;
  const { floor, max, min } = Math;
  const smooth = from.slice();
  for (let at = 0; at < smooth.length; at++) {
    const along = floor(at / stride) % count;
    const last = min(reach, count - 1 - along);
    let sum = 0;
    for (let d = max(-reach, -along); d <= last; d++) sum += kernel[d + reach]! * from[at + d * stride]!;
    smooth[at] = sum / total;
  }
  return smooth;
}
