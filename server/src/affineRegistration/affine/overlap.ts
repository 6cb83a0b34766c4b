/**
 * Two images under an affine map: the target sampled at the places of the query's body voxels, their correlation, and
 * the Gauss-Newton step that raises it.
 * @module
 */
import { AXES, compose, invert, perAxis } from '../../geometry/index.ts';
import type { Affine } from '../../geometry/index.ts';
import { factor, solveFactored } from '../../numerics/index.ts';
import type { Level } from './levels.ts';

/** Bound once: called for every voxel, and a global look-up each time is slow in test sandboxes. */
const { floor, max, min } = Math;

/** How well two images agree under a map. */
export interface Agreement {
  /** Correlation of the intensities over the common body, -1 to 1. */
  readonly correlation: number;
  /** Share of the query's body that lies in the target's field of view. */
  readonly overlap: number;
}

/** Of an affine map. */
const PARAMETERS = 12;
/** Length that makes the linear parameters comparable to a shift of one voxel, voxels: the radius of a body. */
const LEVER_VOXELS = 12;
/** Damping of the linear parameters, as a share of the voxels: a body is stretched by percents, not by halves. */
const LINEAR_DAMPING = 0.02;
const SHIFT_DAMPING = 1e-4;
/** With fewer common voxels nothing is said. */
const FEWEST_VOXELS = 50;
/** An image of one value has no correlation. */
const LEAST_VARIANCE = 1e-6;

/** Samples of a pair of images under a map; buffers are kept for the next map. */
export class Overlap {
  readonly #query: Level;
  readonly #target: Level;
  /** Per body voxel that lies in the target: index of the voxel, value of the target and its gradient per target voxel. */
  readonly #voxels: Int32Array;
  readonly #samples: Float32Array;
  #count = 0;
  #queryMean = 0;
  #querySd = 0;
  #targetMean = 0;
  #targetSd = 0;

  constructor(query: Level, target: Level) {
    this.#query = query;
    this.#target = target;
    this.#voxels = new Int32Array(query.body.length);
    this.#samples = new Float32Array(query.body.length * 4);
  }

  /** Samples the target under a map from the query's LPS to the target's, and says how well it agrees. */
  sample(queryToTarget: Affine): Agreement {
    const m = this.#indexMap(queryToTarget);
    const [nx, ny] = this.#query.grid.dims;
    this.#count = 0;
    for (const voxel of this.#query.body) {
      const i = voxel % nx;
      const j = floor(voxel / nx) % ny;
      const k = floor(voxel / (nx * ny));
      this.#sampleAt(
        voxel,
        m[0] * i + m[1] * j + m[2] * k + m[3],
        m[4] * i + m[5] * j + m[6] * k + m[7],
        m[8] * i + m[9] * j + m[10] * k + m[11],
      );
    }
    const overlap = this.#count / max(1, this.#query.body.length);
    return { correlation: this.#count < FEWEST_VOXELS ? 0 : this.#correlate(), overlap };
  }

  /**
   * The map after one Gauss-Newton step on the difference of the standardised intensities of the last sample; only the
   * shift moves where `linear` is false. Undefined where the images say nothing.
   */
  step(queryToTarget: Affine, linear: boolean): Affine | undefined {
    if (this.#count < FEWEST_VOXELS || this.#querySd === 0 || this.#targetSd === 0) return undefined;
    const size = linear ? PARAMETERS : 3;
    const [a, b] = [new Float64Array(size * size), new Float64Array(size)];
    this.#accumulate(a, b);
    for (let n = 0; n < size; n++) {
      const damping = (n % (size / 3) === size / 3 - 1 ? SHIFT_DAMPING : LINEAR_DAMPING) * this.#count;
      a[n * size + n] = (a[n * size + n] ?? NaN) + damping;
    }
    if (!factor(a, size)) return undefined;
    solveFactored(a, size, b);
    return this.#moved(queryToTarget, b);
  }

  #indexMap(queryToTarget: Affine): Affine {
    return compose(invert(this.#target.grid.voxelToLps), compose(queryToTarget, this.#query.grid.voxelToLps));
  }

  #sampleAt(voxel: number, x: number, y: number, z: number): void {
    const { grid, values } = this.#target;
    const [nx, ny, nz] = grid.dims;
    // Three numbers are negative, or beyond, exactly when the least, or the greatest, of them is.
    if (min(x, y, z, nx - 2, ny - 2, nz - 2) < 0) return;
    if (max(x - nx, y - ny, z - nz) > -1) return;
    const [i, j, k] = [min(x | 0, nx - 2), min(y | 0, ny - 2), min(z | 0, nz - 2)];
    const [u, v, w] = [x - i, y - j, z - k];
    const at = (k * ny + j) * nx + i;
    const up = at + nx * ny;
    // The corner of the cell along each edge of x, and the step to the next one.
    const c00 = values[at] ?? NaN;
    const c10 = values[at + nx] ?? NaN;
    const c01 = values[up] ?? NaN;
    const c11 = values[up + nx] ?? NaN;
    const d00 = (values[at + 1] ?? NaN) - c00;
    const d10 = (values[at + nx + 1] ?? NaN) - c10;
    const d01 = (values[up + 1] ?? NaN) - c01;
    const d11 = (values[up + nx + 1] ?? NaN) - c11;
    const x00 = c00 + u * d00;
    const x10 = c10 + u * d10;
    const x01 = c01 + u * d01;
    const x11 = c11 + u * d11;
    const [y0, y1] = [x00 + v * (x10 - x00), x01 + v * (x11 - x01)];
    const [e0, e1] = [d00 + v * (d10 - d00), d01 + v * (d11 - d01)];
    const slot = this.#count * 4;
    this.#voxels[this.#count++] = voxel;
    this.#samples[slot] = y0 + w * (y1 - y0);
    this.#samples[slot + 1] = e0 + w * (e1 - e0);
    this.#samples[slot + 2] = x10 - x00 + w * (x11 - x01 - (x10 - x00));
    this.#samples[slot + 3] = y1 - y0;
  }

  #correlate(): number {
    const { values } = this.#query;
    let [q, t, qq, tt, qt] = [0, 0, 0, 0, 0];
    for (let n = 0; n < this.#count; n++) {
      const a = values[this.#voxels[n] ?? NaN] ?? NaN;
      const b = this.#samples[n * 4] ?? NaN;
      q += a;
      t += b;
      qq += a * a;
      tt += b * b;
      qt += a * b;
    }
    const count = this.#count;
    this.#queryMean = q / count;
    this.#targetMean = t / count;
    const [varianceQ, varianceT] = [qq / count - this.#queryMean ** 2, tt / count - this.#targetMean ** 2];
    this.#querySd = varianceQ > LEAST_VARIANCE ? Math.sqrt(varianceQ) : 0;
    this.#targetSd = varianceT > LEAST_VARIANCE ? Math.sqrt(varianceT) : 0;
    if (this.#querySd === 0 || this.#targetSd === 0) return 0;
    return (qt / count - this.#queryMean * this.#targetMean) / (this.#querySd * this.#targetSd);
  }

  /** Normal equations. The parameters are, per target axis, [three linear ones,] a shift; target voxels. */
  #accumulate(a: Float64Array, b: Float64Array): void {
    const size = b.length;
    const per = size / 3;
    const [nx, ny] = this.#query.grid.dims;
    const centre = this.#centre();
    const row = new Float64Array(size);
    const place = [0, 0, 0, 1];
    for (let n = 0; n < this.#count; n++) {
      const voxel = this.#voxels[n] ?? NaN;
      place[0] = ((voxel % nx) - centre[0]) / LEVER_VOXELS;
      place[1] = ((floor(voxel / nx) % ny) - centre[1]) / LEVER_VOXELS;
      place[2] = (floor(voxel / (nx * ny)) - centre[2]) / LEVER_VOXELS;
      const difference =
        ((this.#query.values[voxel] ?? NaN) - this.#queryMean) / this.#querySd -
        ((this.#samples[n * 4] ?? NaN) - this.#targetMean) / this.#targetSd;
      for (let axis = 0; axis < 3; axis++) {
        const gradient = (this.#samples[n * 4 + 1 + axis] ?? NaN) / this.#targetSd;
        for (let p = 0; p < per; p++) row[axis * per + p] = gradient * (place[p + 4 - per] ?? NaN);
      }
      addRow(row, difference, a, b);
    }
  }

  /** The middle of the query's grid: linear parameters turn and stretch around it. */
  #centre(): readonly [number, number, number] {
    const [nx, ny, nz] = this.#query.grid.dims;
    return [(nx - 1) / 2, (ny - 1) / 2, (nz - 1) / 2];
  }

  #moved(queryToTarget: Affine, change: Float64Array): Affine {
    const [a, b, c, x, d, e, f, y, g, h, i, z] = this.#indexMap(queryToTarget);
    const m: Affine = [
      ...this.#movedRow([a, b, c, x], change, 0),
      ...this.#movedRow([d, e, f, y], change, 1),
      ...this.#movedRow([g, h, i, z], change, 2),
    ];
    return compose(this.#target.grid.voxelToLps, compose(m, invert(this.#query.grid.voxelToLps)));
  }

  /** A row of a map of voxel indices after a step: its linear parameters, if they move, and its shift. */
  #movedRow([x, y, z, origin]: Row, change: Float64Array, axis: 0 | 1 | 2): Row {
    const per = change.length / 3;
    let shift = change[axis * per + per - 1] ?? NaN;
    if (per === 1) return [x, y, z, origin + shift];
    const centre = this.#centre();
    const linear = perAxis((p) => (change[axis * per + p] ?? NaN) / LEVER_VOXELS);
    for (const p of AXES) shift -= linear[p] * centre[p];
    return [x + linear[0], y + linear[1], z + linear[2], origin + shift];
  }
}

type Row = readonly [number, number, number, number];

/** Adds the products of a row with itself (lower triangle) and with a value to the normal equations. */
function addRow(row: Float64Array, value: number, a: Float64Array, b: Float64Array): void {
  const size = row.length;
  for (let p = 0; p < size; p++) {
    const own = row[p] ?? NaN;
    b[p] = (b[p] ?? NaN) + own * value;
    for (let r = 0; r <= p; r++) a[p * size + r] = (a[p * size + r] ?? NaN) + own * (row[r] ?? NaN);
  }
}
