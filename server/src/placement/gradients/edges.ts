/**
 * The edges of two images compared: the first guess of pairs whose embedding does not say where in the body a point is.
 * @module
 */
import type { Embedding } from '../../embedding/types.ts';
import { lpsPoint } from '../../geometry/index.ts';
import type { Affine, LpsPoint } from '../../geometry/index.ts';
import type { ComplexVolume } from '../fft.ts';
import type { PlacedBy } from '../firstGuess.ts';
import type { Comparison } from '../rigid.ts';
import type { CorrelatedImage } from '../translation.ts';
import { gradientImageOf } from './orientation.ts';
import type { GradientImage } from './orientation.ts';

/** Bound once: a global look-up each time is slow in test sandboxes. */
const { floor, max, min, sqrt } = Math;

/** Edge of the voxels that are compared, mm. */
const VOXEL_MM = 4;
/** Below this score edges agree by chance. */
const SURE_SCORE = 0.45;
/** Edges that are compared. */
const SAMPLES = 2000;
/** Weaker edges are noise: squared length of the normal. */
const LEAST_SQUARE = 0.25;

/** The edges of both images, to place a pair by. */
export function byEdges(query: Embedding, target: Embedding): PlacedBy {
  const [ofQuery, ofTarget] = gradientImagesOf(query, target);
  return {
    images: [edgesOf(ofQuery), edgesOf(ofTarget)],
    comparison: new EdgeComparison(ofQuery, ofTarget),
    sureScore: SURE_SCORE,
  };
}

/** The edges of both images, compared. */
export function edgeComparison(query: Embedding, target: Embedding): EdgeComparison {
  return new EdgeComparison(...gradientImagesOf(query, target));
}

function gradientImagesOf(
  query: Embedding,
  target: Embedding,
): readonly [query: GradientImage, target: GradientImage] {
  return [gradientImageOf(query, VOXEL_MM), gradientImageOf(target, VOXEL_MM)];
}

/** The tensors of an image's edges, to be correlated. */
export function edgesOf(image: GradientImage): CorrelatedImage {
  const { dims, spacingMm, origin, normals } = image;
  return {
    ...{ dims, spacingMm, origin, pairs: 3 },
    write: (pair, into) => {
      writeTensors(image, pair, into);
    },
    energyAt: (voxel) => {
      const n = 3 * voxel;
      return energyOf([normals[n] ?? NaN, normals[n + 1] ?? NaN, normals[n + 2] ?? NaN]);
    },
  };
}

/** An edge of the query. */
interface Sample {
  /** LPS, mm. */
  readonly place: LpsPoint;
  readonly normal: Triple;
}

type Triple = readonly [number, number, number];
const UNMOVED: Triple = [0, 0, 0];
type Six = [number, number, number, number, number, number];

/** Edges of the query, compared with those of the target under maps. */
export class EdgeComparison implements Comparison {
  readonly sureScore = SURE_SCORE;
  readonly centre: LpsPoint;
  readonly #target: GradientImage;
  /** Six products of the target's normals per voxel: xx, yy, zz, xy, xz, yz. */
  readonly #tensors: Float32Array;
  readonly #samples: readonly Sample[];
  /** Sum of the samples' squared tensors. */
  readonly #total: number;

  constructor(query: GradientImage, target: GradientImage) {
    this.#target = target;
    this.#tensors = tensorsOf(target);
    this.#samples = samplesOf(query);
    const mean = (axis: 0 | 1 | 2): number =>
      this.#samples.reduce((sum, { place }) => sum + place[axis], 0) / this.#samples.length;
    this.centre = lpsPoint(mean(0), mean(1), mean(2));
    this.#total = this.#samples.reduce((sum, { normal }) => sum + energyOf(normal), 0);
  }

  /** Agreement of the edges in the overlap, times the root of the share of the query's edges that it holds; at most 1. */
  scoreOf(map: Affine): number {
    return this.scoreAlong(map, () => UNMOVED);
  }

  /** The same where each place (LPS, mm) is moved once more, so smoothly that an edge keeps the direction that the map gives it. */
  scoreAlong(map: Affine, moveOf: (place: LpsPoint) => Triple): number {
    const { origin, spacingMm } = this.#target;
    // To voxel indices of the target.
    const m = map.map(
      (value, n) => (n % 4 === 3 ? value - (origin[(n - 3) / 4] ?? NaN) : value) / spacingMm,
    ) as Twelve;
    const there: Six = [0, 0, 0, 0, 0, 0];
    let [common, ofQuery, ofTarget] = [0, 0, 0];
    for (const { place: at, normal } of this.#samples) {
      const [dx, dy, dz] = moveOf(at);
      const i = m[0] * at[0] + m[1] * at[1] + m[2] * at[2] + m[3] + dx / spacingMm;
      const j = m[4] * at[0] + m[5] * at[1] + m[6] * at[2] + m[7] + dy / spacingMm;
      const k = m[8] * at[0] + m[9] * at[1] + m[10] * at[2] + m[11] + dz / spacingMm;
      if (!this.#read(i, j, k, there)) continue;
      const square = squareOf(normal);
      const p = map[0] * normal[0] + map[1] * normal[1] + map[2] * normal[2];
      const q = map[4] * normal[0] + map[5] * normal[1] + map[6] * normal[2];
      const r = map[8] * normal[0] + map[9] * normal[1] + map[10] * normal[2];
      const [xx, yy, zz, xy, xz, yz] = there;
      const along = p * p * xx + q * q * yy + r * r * zz + 2 * (p * q * xy + p * r * xz + q * r * yz);
      const trace = xx + yy + zz;
      // An affine map must not make the edges longer.
      common += (along * square) / (p * p + q * q + r * r) - (square * trace) / 3;
      ofQuery += energyOf(normal);
      ofTarget += xx * xx + yy * yy + zz * zz + 2 * (xy * xy + xz * xz + yz * yz) - (trace * trace) / 3;
    }
    return ((2 * common) / (ofQuery + ofTarget || 1)) * sqrt(ofQuery / (this.#total || 1));
  }

  /** The target's tensor at a continuous voxel index, trilinear; false beyond the image. */
  #read(x: number, y: number, z: number, into: Six): boolean {
    const [nx, ny, nz] = this.#target.dims;
    if (!(min(x, y, z) >= 0) || max(x - nx, y - ny, z - nz) >= -1) return false;
    const [i, j, k] = [floor(x), floor(y), floor(z)];
    const [u, v, w] = [x - i, y - j, z - k];
    const tensors = this.#tensors;
    const [toJ, toK] = [6 * nx, 6 * nx * ny];
    let n = 6 * ((k * ny + j) * nx + i);
    for (let c = 0; c < 6; c++, n++) {
      const low = tensors[n] ?? NaN;
      const lowJ = tensors[n + toJ] ?? NaN;
      const lowK = tensors[n + toK] ?? NaN;
      const lowJK = tensors[n + toJ + toK] ?? NaN;
      const a = low + u * ((tensors[n + 6] ?? NaN) - low);
      const b = lowJ + u * ((tensors[n + toJ + 6] ?? NaN) - lowJ);
      const d = lowK + u * ((tensors[n + toK + 6] ?? NaN) - lowK);
      const e = lowJK + u * ((tensors[n + toJ + toK + 6] ?? NaN) - lowJK);
      into[c] = (a + v * (b - a)) * (1 - w) + (d + v * (e - d)) * w;
    }
    return true;
  }
}

type Twelve = [...Affine];

function tensorsOf({ normals }: GradientImage): Float32Array {
  const tensors = new Float32Array(2 * normals.length);
  for (let n = 0, at = 0; n < normals.length; n += 3, at += 6) {
    const x = normals[n] ?? NaN;
    const y = normals[n + 1] ?? NaN;
    const z = normals[n + 2] ?? NaN;
    tensors[at] = x * x;
    tensors[at + 1] = y * y;
    tensors[at + 2] = z * z;
    tensors[at + 3] = x * y;
    tensors[at + 4] = x * z;
    tensors[at + 5] = y * z;
  }
  return tensors;
}

/** The same number of edges from every part of the image. */
function samplesOf({ dims, spacingMm, origin, normals }: GradientImage): readonly Sample[] {
  const edges: Sample[] = [];
  for (let k = 0, n = 0; k < dims[2]; k++)
    for (let j = 0; j < dims[1]; j++)
      for (let i = 0; i < dims[0]; i++, n += 3) {
        const normal = [normals[n] ?? NaN, normals[n + 1] ?? NaN, normals[n + 2] ?? NaN] as const;
        if (squareOf(normal) < LEAST_SQUARE) continue;
        const place = lpsPoint(
          origin[0] + spacingMm * i,
          origin[1] + spacingMm * j,
          origin[2] + spacingMm * k,
        );
        edges.push({ place, normal });
      }
  const every = max(1, edges.length / SAMPLES);
  return Array.from({ length: floor(edges.length / every) }, (_, n) => edges[floor(n * every)]).filter(
    (edge) => edge !== undefined,
  );
}

function squareOf([x, y, z]: Triple): number {
  return x * x + y * y + z * z;
}

/** The squared tensor of a normal. */
function energyOf(normal: Triple): number {
  return (2 / 3) * squareOf(normal) ** 2;
}

/**
 * Two of the five components of n nT - |n|2 I / 3 as real and imaginary part. The scalar product of two such tensors is (n . m)2 - |n|2 |m|2 / 3: 0 on average where directions do not agree.
 */
function writeTensors({ dims, normals }: GradientImage, pair: number, into: ComplexVolume): void {
  const [nx, ny] = [into.dims[0], into.dims[1]];
  const root = Math.SQRT2;
  for (let k = 0, n = 0; k < dims[2]; k++)
    for (let j = 0; j < dims[1]; j++)
      for (let i = 0, at = (k * ny + j) * nx; i < dims[0]; i++, at++, n += 3) {
        const x = normals[n] ?? NaN;
        const y = normals[n + 1] ?? NaN;
        const z = normals[n + 2] ?? NaN;
        into.re[at] =
          pair === 0 ? root * x * y : pair === 1 ? root * y * z : (2 * z * z - x * x - y * y) / sqrt(6);
        into.im[at] = pair === 0 ? root * x * z : pair === 1 ? (x * x - y * y) / root : 0;
      }
}
