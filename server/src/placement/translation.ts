/**
 * All translations of one image over another at once: correlation of what their voxels hold by Fourier transforms.
 * @module
 */
import { AXES, perAxis } from '../geometry/index.ts';
import { emptyVolume, transform, transformBack, transformLength } from './fft.ts';
import type { ComplexVolume } from './fft.ts';
import type { LpsPoint } from '../geometry/index.ts';

type Triple = readonly [number, number, number];

/** Bound once: a global look-up each time is slow in test sandboxes. */
const { floor, hypot, max, min, sqrt } = Math;

/** An image whose voxels hold several numbers, to be correlated with another one of the same kind. */
export interface CorrelatedImage {
  readonly dims: Triple;
  /** Edge of a voxel, mm; the same along all axes. */
  readonly spacingMm: number;
  /** Centre of the first voxel, LPS mm. */
  readonly origin: LpsPoint;
  /** Pairs of numbers of a voxel. */
  readonly pairs: number;
  /** Writes a pair as real and imaginary part: the real part of a complex correlation is the sum of those of the parts. */
  write(pair: number, into: ComplexVolume): void;
  /** Squared length of what a voxel holds, by flat index. */
  energyAt(voxel: number): number;
}

/** A translation at which both agree better than around it. */
export interface Peak {
  /** Added to a point of the query, mm. */
  readonly by: Triple;
  /** 0 to 1: agreement in the overlap, times the root of the share of the smaller image's energy that it holds. */
  readonly score: number;
}

/** Less of the smaller image's energy than this in the overlap agrees by chance. */
const LEAST_OVERLAP = 0.25;
/** Peaks nearer to a better one are its slope, mm. */
const PEAKS_APART_MM = 24;

/** The best translations of the query over the target, the best first. Both images have the same spacing. */
export function bestTranslations(
  query: CorrelatedImage,
  target: CorrelatedImage,
  count: number,
): readonly Peak[] {
  const dims = perAxis((axis) => transformLength(query.dims[axis] + target.dims[axis] - 1));
  const scores = scoresOf(correlationOf(query, target, dims), dims, query, target);
  const candidates: { readonly at: number; readonly score: number }[] = [];
  for (let at = 0; at < scores.length; at++)
    if (isPeak(scores, dims, at)) candidates.push({ at, score: scores[at] ?? NaN });
  candidates.sort((a, b) => b.score - a.score);
  const peaks: Peak[] = [];
  for (const { at, score } of candidates) {
    if (peaks.length === count) break;
    const shift = shiftOf(at, dims, target.dims);
    const by = perAxis((axis) => target.origin[axis] - query.origin[axis] + shift[axis] * query.spacingMm);
    if (peaks.every((peak) => hypot(...perAxis((axis) => peak.by[axis] - by[axis])) >= PEAKS_APART_MM))
      peaks.push({ by, score });
  }
  return peaks;
}

/** What is in the overlap of two images under a shift along one axis. */
interface Span {
  /** Places of the correlation. */
  readonly at: number;
  /** First voxel in the overlap and first one beyond, of the query and of the target. */
  readonly query: readonly [number, number];
  readonly target: readonly [number, number];
}

function spansOf(axis: 0 | 1 | 2, dims: Triple, query: Triple, target: Triple): readonly Span[] {
  return Array.from({ length: query[axis] + target[axis] - 1 }, (_, n) => {
    const shift = n - query[axis] + 1;
    const low = max(0, -shift);
    const high = min(query[axis], target[axis] - shift);
    return {
      at: shift < 0 ? shift + dims[axis] : shift,
      query: [low, high],
      target: [low + shift, high + shift],
    };
  });
}

/** Agreement in the overlap, times the root of the overlap: few common edges agree easily. 0 where too few are common. */
function scoresOf(
  products: Float32Array,
  dims: Triple,
  query: CorrelatedImage,
  target: CorrelatedImage,
): Float32Array {
  const [inQuery, inTarget] = [new BoxSums(query), new BoxSums(target)];
  const smaller = min(inQuery.total, inTarget.total);
  const [xs, ys, zs] = perAxis((axis) => spansOf(axis, dims, query.dims, target.dims));
  const scores = new Float32Array(products.length);
  for (const z of zs)
    for (const y of ys)
      for (const x of xs) {
        const at = (z.at * dims[1] + y.at) * dims[0] + x.at;
        const product = products[at] ?? NaN;
        if (product <= 0) continue;
        const a = inQuery.of(x.query, y.query, z.query);
        const b = inTarget.of(x.target, y.target, z.target);
        const overlap = min(a, b) / smaller;
        if (overlap >= LEAST_OVERLAP) scores[at] = ((2 * product) / (a + b)) * sqrt(overlap);
      }
  return scores;
}

/** The shift of the query's voxel index at a place of the correlation. */
function shiftOf(at: number, dims: Triple, target: Triple): Triple {
  const place = [at % dims[0], floor(at / dims[0]) % dims[1], floor(at / (dims[0] * dims[1]))] as const;
  return perAxis((axis) => (place[axis] < target[axis] ? place[axis] : place[axis] - dims[axis]));
}

/** True where no neighbour along the axes has a higher score. */
function isPeak(scores: Float32Array, dims: Triple, at: number): boolean {
  const value = scores[at] ?? NaN;
  if (!(value > 0)) return false;
  const strides = [1, dims[0], dims[0] * dims[1]] as const;
  return AXES.every((axis) => {
    const step = strides[axis];
    const along = floor(at / step) % dims[axis];
    const before = at + (along === 0 ? dims[axis] - 1 : -1) * step;
    const after = at + (along === dims[axis] - 1 ? 1 - dims[axis] : 1) * step;
    return value >= (scores[before] ?? NaN) && value >= (scores[after] ?? NaN);
  });
}

/** Sum over x of the products of Q(x) and T(x + shift), at the index of the shift (negative ones from the end). */
function correlationOf(query: CorrelatedImage, target: CorrelatedImage, dims: Triple): Float32Array {
  const sum = emptyVolume(dims);
  const [a, b] = [emptyVolume(dims), emptyVolume(dims)];
  for (let pair = 0; pair < query.pairs; pair++) {
    cleared(a);
    query.write(pair, a);
    transform(a, query.dims);
    cleared(b);
    target.write(pair, b);
    transform(b, target.dims);
    for (let n = 0; n < sum.re.length; n++) {
      const aRe = a.re[n] ?? NaN;
      const aIm = a.im[n] ?? NaN;
      const bRe = b.re[n] ?? NaN;
      const bIm = b.im[n] ?? NaN;
      sum.re[n] = (sum.re[n] ?? NaN) + aRe * bRe + aIm * bIm;
      sum.im[n] = (sum.im[n] ?? NaN) + aRe * bIm - aIm * bRe;
    }
  }
  transformBack(sum);
  return sum.re;
}

function cleared({ re, im }: ComplexVolume): void {
  re.fill(0);
  im.fill(0);
}

/** Sums of the energies over boxes of voxels. */
class BoxSums {
  readonly total: number;
  readonly #dims: Triple;
  /** Sums over all voxels before an index: one entry more along each axis. */
  readonly #sums: Float64Array;

  constructor(image: CorrelatedImage) {
    const { dims } = image;
    const [nx, ny, nz] = [dims[0] + 1, dims[1] + 1, dims[2] + 1];
    const sums = new Float64Array(nx * ny * nz);
    for (let k = 1, n = 0; k < nz; k++)
      for (let j = 1; j < ny; j++) {
        let row = 0;
        for (let i = 1; i < nx; i++, n++) {
          row += image.energyAt(n);
          const at = (k * ny + j) * nx + i;
          sums[at] =
            row + (sums[at - nx] ?? NaN) + (sums[at - nx * ny] ?? NaN) - (sums[at - nx * ny - nx] ?? NaN);
        }
      }
    this.#dims = [nx, ny, nz];
    this.#sums = sums;
    this.total = this.of([0, dims[0]], [0, dims[1]], [0, dims[2]]);
  }

  /** Each range: first voxel, and first one beyond. */
  of(i: Range, j: Range, k: Range): number {
    const sums = this.#sums;
    const [nx, ny] = [this.#dims[0], this.#dims[1]];
    const [low, high] = [k[0] * ny, k[1] * ny];
    const [a, b, c, d] = [(high + j[1]) * nx, (high + j[0]) * nx, (low + j[1]) * nx, (low + j[0]) * nx];
    const [from, to] = i;
    const at = (n: number): number => sums[n] ?? NaN;
    return (
      at(a + to) -
      at(a + from) -
      at(b + to) +
      at(b + from) -
      at(c + to) +
      at(c + from) +
      at(d + to) -
      at(d + from)
    );
  }
}

type Range = readonly [number, number];
