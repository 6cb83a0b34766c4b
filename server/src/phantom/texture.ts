import { createRandom } from './random.ts';
import type { Random } from './random.ts';

/** Bound once: rendering calls them a hundred million times, and a global look-up each time is slow in test sandboxes. */
const { floor, sqrt } = Math;

/** Lattice points per axis; a power of two, so that the period is a bit mask. */
const LATTICE = 32;
const MASK = LATTICE - 1;

/**
 * Band-limited noise in space: mean 0, standard deviation about 1, features of about twice the lattice distance. A tissue keeps
 * its texture when the patient moves, because the texture is a function of the anatomical place, not of the pixel.
 */
export class Texture {
  readonly #values = new Float32Array(LATTICE ** 3);
  readonly #perMm: number;

  /** @param latticeMm Distance of the lattice points, mm. */
  constructor(latticeMm: number, random: Random) {
    this.#perMm = 1 / latticeMm;
    for (let i = 0; i < this.#values.length; i++) this.#values[i] = random.normal() * TRILINEAR_GAIN;
  }

  /** Value at a point in mm, by trilinear interpolation in a periodic lattice. */
  at(x: number, y: number, z: number): number {
    const [px, py, pz] = [x * this.#perMm, y * this.#perMm, z * this.#perMm];
    const [ix, iy, iz] = [floor(px), floor(py), floor(pz)];
    const [fx, fy, fz] = [px - ix, py - iy, pz - iz];
    const x0 = ix & MASK;
    const x1 = (ix + 1) & MASK;
    const y0 = (iy & MASK) * LATTICE;
    const y1 = ((iy + 1) & MASK) * LATTICE;
    const z0 = (iz & MASK) * LATTICE * LATTICE;
    const z1 = ((iz + 1) & MASK) * LATTICE * LATTICE;
    const v = this.#values;
    const edge = (at: number): number => (v[at + x0] ?? NaN) * (1 - fx) + (v[at + x1] ?? NaN) * fx;
    const near = edge(y0 + z0) * (1 - fy) + edge(y1 + z0) * fy;
    const far = edge(y0 + z1) * (1 - fy) + edge(y1 + z1) * fy;
    return near * (1 - fz) + far * fz;
  }
}

/** Trilinear interpolation of unit noise has a variance of (2/3)^3 on average: this restores 1. */
const TRILINEAR_GAIN = (3 / 2) ** 1.5;

/** The noise of a scanner: a table of normal numbers, read from a random start for each slice. */
export class ScannerNoise {
  readonly #table: Float32Array;
  readonly #random: Random;

  /** @param sigmaHu Standard deviation of a voxel, HU. */
  constructor(sigmaHu: number, seed: number, name: string) {
    this.#random = createRandom(seed, `scanner noise ${name}`);
    this.#table = new Float32Array(NOISE_TABLE);
    for (let i = 0; i < NOISE_TABLE; i++) this.#table[i] = this.#random.normal() * sigmaHu;
  }

  /**
   * Noise of one slice, HU, rows of `columns`: neighbours are correlated as a soft reconstruction kernel makes them.
   */
  slice(columns: number, rows: number, out: Float32Array): void {
    let at = 0;
    for (let j = 0; j < rows; j++) {
      let here = this.#random.bits() & (NOISE_TABLE - 1);
      const above = this.#random.bits() & (NOISE_TABLE - 1);
      for (let i = 0; i < columns; i++, at++) {
        here = (here + 1) & (NOISE_TABLE - 1);
        const next = this.#table[(here + 1) & (NOISE_TABLE - 1)] ?? NaN;
        const own = this.#table[here] ?? NaN;
        out[at] =
          KERNEL[0] * own +
          KERNEL[1] * next +
          KERNEL[2] * (this.#table[(above + i) & (NOISE_TABLE - 1)] ?? NaN);
      }
    }
  }
}

/** Numbers in the noise table: 2^17, far more than a row, so that no pattern shows. */
const NOISE_TABLE = 131_072;
/** Weights with a sum of squares of 1, so that the standard deviation is kept: own, neighbour, independent. */
const KERNEL = [0.72, 0.52, sqrt(1 - 0.72 ** 2 - 0.52 ** 2)] as const;
