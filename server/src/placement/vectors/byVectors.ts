/**
 * The vectors of two embeddings compared: the first guess of pairs whose vectors are comparable, but so noisy that the matches of single
 * points agree on no map. All voxels together are right where single ones are not.
 * @module
 */
import type { Embedding, EmbeddingMap } from '../../embedding/types.ts';
import { lpsPoint } from '../../geometry/index.ts';
import type { Affine, LpsPoint } from '../../geometry/index.ts';
import type { PlacedBy } from '../firstGuess.ts';
import type { Comparison } from '../rigid.ts';
import type { CorrelatedImage } from '../translation.ts';
import { COMPONENTS, componentImagesOf } from './components.ts';
import type { ComponentImage } from './components.ts';

/** Bound once: a global look-up each time is slow in test sandboxes. */
const { floor, max, min, sqrt } = Math;

/** Below this score vectors agree by chance. */
const SURE_SCORE = 0.2;
/** Voxels that are compared. */
const SAMPLES = 2000;

/** The fine maps of both, to place a pair by; undefined where one has none or their voxels differ. */
export function byVectors(query: Embedding, target: Embedding): PlacedBy | undefined {
  const [ofQuery, ofTarget] = [fineMap(query), fineMap(target)];
  if (ofQuery === undefined || ofTarget === undefined) return undefined;
  const images = componentImagesOf(ofQuery, ofTarget);
  if (images[0].spacingMm !== images[1].spacingMm) return undefined;
  return {
    images: [correlated(images[0]), correlated(images[1])],
    comparison: new VectorComparison(...images),
    sureScore: SURE_SCORE,
  };
}

function fineMap({ maps }: Embedding): EmbeddingMap | undefined {
  return maps.find(({ role }) => role === 'fine');
}

function correlated({ dims, spacingMm, origin, values }: ComponentImage): CorrelatedImage {
  return {
    ...{ dims, spacingMm, origin, pairs: COMPONENTS / 2 },
    write: (pair, { dims: [nx, ny], re, im }) => {
      let from = 2 * pair;
      for (let k = 0; k < dims[2]; k++)
        for (let j = 0; j < dims[1]; j++) {
          const row = (k * ny + j) * nx;
          for (let at = row; at < row + dims[0]; at++, from += COMPONENTS) {
            re[at] = values[from] ?? NaN;
            im[at] = values[from + 1] ?? NaN;
          }
        }
    },
    energyAt: (voxel) => energyOf(values, voxel * COMPONENTS),
  };
}

function energyOf(values: Float32Array, from: number): number {
  let sum = 0;
  for (let n = from; n < from + COMPONENTS; n++) sum += (values[n] ?? NaN) ** 2;
  return sum;
}

/** A voxel of the query. */
interface Sample {
  /** LPS, mm. */
  readonly place: LpsPoint;
  readonly from: number;
  readonly energy: number;
}

/** Voxels of the query, compared with those of the target under maps. */
class VectorComparison implements Comparison {
  readonly centre: LpsPoint;
  readonly #query: ComponentImage;
  readonly #target: ComponentImage;
  readonly #samples: readonly Sample[];
  /** Sum of the samples' energies. */
  readonly #total: number;
  readonly #there = new Float64Array(COMPONENTS);

  constructor(query: ComponentImage, target: ComponentImage) {
    this.#query = query;
    this.#target = target;
    this.#samples = samplesOf(query);
    const mean = (axis: 0 | 1 | 2): number =>
      this.#samples.reduce((sum, { place }) => sum + place[axis], 0) / this.#samples.length;
    this.centre = lpsPoint(mean(0), mean(1), mean(2));
    this.#total = this.#samples.reduce((sum, { energy }) => sum + energy, 0);
  }

  scoreOf(map: Affine): number {
    const { origin, spacingMm } = this.#target;
    const there = this.#there;
    let [common, ofQuery, ofTarget] = [0, 0, 0];
    for (const {
      place: [x, y, z],
      from,
      energy,
    } of this.#samples) {
      const i = (map[0] * x + map[1] * y + map[2] * z + map[3] - origin[0]) / spacingMm;
      const j = (map[4] * x + map[5] * y + map[6] * z + map[7] - origin[1]) / spacingMm;
      const k = (map[8] * x + map[9] * y + map[10] * z + map[11] - origin[2]) / spacingMm;
      if (!this.#read(i, j, k)) continue;
      ofQuery += energy;
      for (let n = 0; n < COMPONENTS; n++) {
        const value = there[n] ?? NaN;
        common += value * (this.#query.values[from + n] ?? NaN);
        ofTarget += value * value;
      }
    }
    return ((2 * common) / (ofQuery + ofTarget || 1)) * sqrt(ofQuery / (this.#total || 1));
  }

  /** The target's numbers at a continuous voxel index, trilinear; false beyond the image. */
  #read(x: number, y: number, z: number): boolean {
    const { dims, values } = this.#target;
    const [nx, ny, nz] = dims;
    if (!(min(x, y, z) >= 0) || max(x - nx, y - ny, z - nz) >= -1) return false;
    const [i, j, k] = [floor(x), floor(y), floor(z)];
    const [u, v, w] = [x - i, y - j, z - k];
    // The corners of the cell, i fastest: all of them at once for each number, in half the time of one after the other.
    const [toJ, toK] = [COMPONENTS * nx, COMPONENTS * nx * ny];
    const a = COMPONENTS * ((k * ny + j) * nx + i);
    const b = a + COMPONENTS;
    const [c, d, e, f, g, h] = [a + toJ, b + toJ, a + toK, b + toK, a + toJ + toK, b + toJ + toK];
    const [wa, wb] = [(1 - u) * (1 - v) * (1 - w), u * (1 - v) * (1 - w)];
    const [wc, wd] = [(1 - u) * v * (1 - w), u * v * (1 - w)];
    const [we, wf] = [(1 - u) * (1 - v) * w, u * (1 - v) * w];
    const [wg, wh] = [(1 - u) * v * w, u * v * w];
    const there = this.#there;
    for (let n = 0; n < COMPONENTS; n++)
      there[n] =
        wa * (values[a + n] ?? NaN) +
        wb * (values[b + n] ?? NaN) +
        wc * (values[c + n] ?? NaN) +
        wd * (values[d + n] ?? NaN) +
        we * (values[e + n] ?? NaN) +
        wf * (values[f + n] ?? NaN) +
        wg * (values[g + n] ?? NaN) +
        wh * (values[h + n] ?? NaN);
    return true;
  }
}

/** The same number of voxels from every part of the body. */
function samplesOf({ dims, spacingMm, origin, values }: ComponentImage): readonly Sample[] {
  const filled: Sample[] = [];
  for (let k = 0, from = 0; k < dims[2]; k++)
    for (let j = 0; j < dims[1]; j++)
      for (let i = 0; i < dims[0]; i++, from += COMPONENTS) {
        const energy = energyOf(values, from);
        if (energy === 0) continue;
        const place = lpsPoint(
          origin[0] + spacingMm * i,
          origin[1] + spacingMm * j,
          origin[2] + spacingMm * k,
        );
        filled.push({ place, from, energy });
      }
  const every = max(1, filled.length / SAMPLES);
  return filled.filter((_, n) => floor(n / every) !== floor((n - 1) / every));
}
