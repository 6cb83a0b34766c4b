import type { LpsPoint } from '../geometry/index.ts';
import type { Random } from './random.ts';

/** Bound once: rendering calls them a hundred million times, and a global look-up each time is slow in test sandboxes. */
const { floor } = Math;

/** A box in the patient, LPS, mm. */
export interface Box {
  readonly min: readonly [number, number, number];
  readonly max: readonly [number, number, number];
}

/** Knots that a point needs on each axis: a cubic B-spline has a support of four. */
const SUPPORT = 4;

/** The four cubic B-spline weights at fraction t (0 <= t < 1) between the second and the third knot, into `out`. */
function weights(t: number, out: Float64Array, at: number): void {
  const s = 1 - t;
  out[at] = (s * s * s) / 6;
  out[at + 1] = 2 / 3 - t * t * (1 - t / 2);
  out[at + 2] = 2 / 3 - s * s * (1 - s / 2);
  out[at + 3] = (t * t * t) / 6;
}

/**
 * A smooth displacement field: a cubic B-spline with random coefficients on a regular knot lattice. It is a formula, not an image:
 * it is evaluated exactly at any point, and is zero beyond one knot outside its box.
 */
export class BsplineField {
  readonly #knotMm: number;
  readonly #start: readonly [number, number, number];
  readonly #counts: readonly [number, number, number];
  /** mm; x fastest, then y, z; three components per knot. */
  readonly #coefficients: Float64Array;
  readonly #basis = new Float64Array(3 * SUPPORT);

  /**
   * @param box Where the field lives, LPS mm.
   * @param knotMm Distance between knots, mm: the scale of the deformation.
   * @param random Normal coefficients with unit variance; scale with {@link BsplineField.scaleBy}.
   */
  constructor(box: Box, knotMm: number, random: Random) {
    this.#knotMm = knotMm;
    const count = (axis: 0 | 1 | 2): number => Math.ceil((box.max[axis] - box.min[axis]) / knotMm) + SUPPORT;
    this.#counts = [count(0), count(1), count(2)];
    this.#start = [box.min[0] - knotMm, box.min[1] - knotMm, box.min[2] - knotMm];
    this.#coefficients = new Float64Array(3 * this.#counts[0] * this.#counts[1] * this.#counts[2]);
    for (let i = 0; i < this.#coefficients.length; i++) this.#coefficients[i] = random.normal();
  }

  /** Multiplies the whole field. */
  scaleBy(factor: number): void {
    for (let i = 0; i < this.#coefficients.length; i++) {
      this.#coefficients[i] = (this.#coefficients[i] ?? NaN) * factor;
    }
  }

  /** First knot and weights of one axis. */
  #locate(axis: 0 | 1 | 2, value: number): number {
    const position = (value - this.#start[axis]) / this.#knotMm;
    const cell = floor(position);
    weights(position - cell, this.#basis, axis * SUPPORT);
    return cell - 1;
  }

  /** Displacement at a world point, mm. */
  at(point: LpsPoint): [number, number, number] {
    const line = this.lineAt(point[1], point[2]);
    const out = new Float64Array(3);
    line.add(point[0], out, 0);
    return [out[0] ?? NaN, out[1] ?? NaN, out[2] ?? NaN];
  }

  /**
   * The field restricted to the line parallel to x through (y, z), mm: a one-dimensional spline. Rendering walks along
   * such lines, which costs 12 multiplications a voxel instead of 192.
   */
  lineAt(y: number, z: number): FieldLine {
    const [nx, ny, nz] = this.#counts;
    const j0 = this.#locate(1, y);
    const k0 = this.#locate(2, z);
    const line = new Float64Array(3 * nx);
    for (let b = 0; b < SUPPORT; b++) {
      for (let a = 0; a < SUPPORT; a++) {
        const [j, k] = [j0 + a, k0 + b];
        if (j < 0 || j >= ny || k < 0 || k >= nz) continue;
        const weight = (this.#basis[SUPPORT + a] ?? NaN) * (this.#basis[2 * SUPPORT + b] ?? NaN);
        const row = 3 * nx * (j + ny * k);
        for (let i = 0; i < 3 * nx; i++) {
          line[i] = (line[i] ?? NaN) + weight * (this.#coefficients[row + i] ?? NaN);
        }
      }
    }
    return new FieldLine(line, this.#start[0], this.#knotMm);
  }
}

/** A {@link BsplineField} along one line parallel to x. */
export class FieldLine {
  readonly #line: Float64Array;
  readonly #startMm: number;
  readonly #knotMm: number;
  readonly #basis = new Float64Array(SUPPORT);

  constructor(line: Float64Array, startMm: number, knotMm: number) {
    this.#line = line;
    this.#startMm = startMm;
    this.#knotMm = knotMm;
  }

  /** Adds the displacement at x (mm) to the three numbers at `offset` of `out`. */
  add(x: number, out: Float64Array, offset: number): void {
    const position = (x - this.#startMm) / this.#knotMm;
    const cell = floor(position);
    weights(position - cell, this.#basis, 0);
    const knots = this.#line.length / 3;
    for (let a = 0; a < SUPPORT; a++) {
      const knot = cell - 1 + a;
      if (knot < 0 || knot >= knots) continue;
      const weight = this.#basis[a] ?? NaN;
      for (let c = 0; c < 3; c++) {
        out[offset + c] = (out[offset + c] ?? NaN) + weight * (this.#line[3 * knot + c] ?? NaN);
      }
    }
  }
}
