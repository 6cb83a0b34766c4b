import type { LpsPoint } from '../../geometry/index.ts';
import type { Level } from '../image/level.ts';
import { TERMS, writeTerms } from '../leastSquares/basis.ts';

/** The window reaches this many sigmas from the point: beyond, its weight is below 5 %. */
const REACH_SIGMAS = 2.4;
/** Products of two gradient components: xx, xy, xz, yy, yz, zz. */
const GRADIENT_PRODUCTS = 6;

/** What a patch is taken with. */
export interface Window {
  /** Standard deviation of the Gaussian weight, mm. */
  readonly sigma: number;
  /** Terms of the displacement in use. */
  readonly terms: number;
  /** Takes every second voxel, as the black fields of a chess board: neighbours in a low-passed image say little new. */
  readonly thinned?: boolean;
}

/** The query's patch around a point, for a thread to fill again and again. */
export class Template {
  /** Voxels in the window. */
  count = 0;
  /** Standard deviation of the Gaussian window, mm; the unit of the displacement's terms. */
  sigma = 1;
  /** Terms of the displacement in use. */
  terms = TERMS;
  /** Sum of the window's weights over all voxels that it would have with the whole ball in view. */
  fullWeight = 0;
  /** Per voxel: offset from the point (x, y, z), sigmas; value; gradient per mm (x, y, z); weight. */
  readonly offsets: Float32Array;
  readonly values: Float32Array;
  readonly gradients: Float32Array;
  readonly weights: Float32Array;
  /** Sum of w g gT times phi phiT: symmetric, one row per (component, term), (3 terms)^2 in use, row stride 3 TERMS. */
  readonly hessian = new Float64Array(9 * TERMS * TERMS);
  readonly #capacity: number;

  constructor(capacity: number) {
    this.#capacity = capacity;
    this.offsets = new Float32Array(3 * capacity);
    this.values = new Float32Array(capacity);
    this.gradients = new Float32Array(3 * capacity);
    this.weights = new Float32Array(capacity);
  }

  /** Takes the patch at a point of the query (LPS, mm): voxel centres of the level, so nothing is interpolated here. */
  fill(level: Level, point: LpsPoint, { sigma, terms, thinned }: Window): void {
    this.sigma = sigma;
    this.terms = terms;
    const step = thinned === true ? 2 : 1;
    this.count = 0;
    this.fullWeight = 0;
    const { dims, spacing, origin } = level;
    const reach = REACH_SIGMAS * sigma;
    const bounds = ([0, 1, 2] as const).map((axis) => {
      const at = (point[axis] - origin[axis]) / spacing[axis];
      return [Math.ceil(at - reach / spacing[axis]), Math.floor(at + reach / spacing[axis])] as const;
    }) as [Bounds, Bounds, Bounds];
    for (let k = bounds[2][0]; k <= bounds[2][1]; k++) {
      const z = origin[2] + k * spacing[2] - point[2];
      for (let j = bounds[1][0]; j <= bounds[1][1]; j++) {
        const y = origin[1] + j * spacing[1] - point[1];
        const inner = j > 0 && k > 0 && j < dims[1] - 1 && k < dims[2] - 1;
        const first = bounds[0][0] + (step === 2 && (bounds[0][0] + j + k) % 2 !== 0 ? 1 : 0);
        this.#row(
          level,
          (k * dims[1] + j) * dims[0],
          [first, bounds[0][1], step],
          [origin[0] - point[0], y, z],
          inner,
        );
      }
    }
    this.#writeHessian();
  }

  #row(
    { dims, spacing, values }: Level,
    row: number,
    [i0, i1, step]: readonly [number, number, number],
    [x0, y, z]: readonly [number, number, number],
    inner: boolean,
  ): void {
    const [stepJ, stepK] = [dims[0], dims[0] * dims[1]];
    const reach = REACH_SIGMAS * this.sigma;
    const left = reach * reach - y * y - z * z;
    for (let i = i0; i <= i1; i += step) {
      const x = x0 + i * spacing[0];
      if (x * x > left || this.count >= this.#capacity) continue;
      const weight = Math.exp((-0.5 * (x * x + y * y + z * z)) / (this.sigma * this.sigma));
      this.fullWeight += weight;
      if (!inner || i < 1 || i >= dims[0] - 1) continue;
      const [n, at] = [this.count++, row + i];
      this.offsets[3 * n] = x / this.sigma;
      this.offsets[3 * n + 1] = y / this.sigma;
      this.offsets[3 * n + 2] = z / this.sigma;
      this.values[n] = values[at] as number;
      this.weights[n] = weight;
      this.gradients[3 * n] = ((values[at + 1] as number) - (values[at - 1] as number)) / (2 * spacing[0]);
      this.gradients[3 * n + 1] =
        ((values[at + stepJ] as number) - (values[at - stepJ] as number)) / (2 * spacing[1]);
      this.gradients[3 * n + 2] =
        ((values[at + stepK] as number) - (values[at - stepK] as number)) / (2 * spacing[2]);
    }
  }

  #writeHessian(): void {
    const { terms } = this;
    const pairs = (TERMS * (TERMS + 1)) / 2;
    const sums = new Float64Array(pairs * GRADIENT_PRODUCTS);
    const phi = new Float64Array(TERMS);
    for (let n = 0; n < this.count; n++) {
      const w = this.weights[n] as number;
      const gx = this.gradients[3 * n] as number;
      const gy = this.gradients[3 * n + 1] as number;
      const gz = this.gradients[3 * n + 2] as number;
      const xx = w * gx * gx;
      const xy = w * gx * gy;
      const xz = w * gx * gz;
      const yy = w * gy * gy;
      const yz = w * gy * gz;
      const zz = w * gz * gz;
      writeTerms(
        this.offsets[3 * n] as number,
        this.offsets[3 * n + 1] as number,
        this.offsets[3 * n + 2] as number,
        phi,
      );
      let at = 0;
      for (let a = 0; a < terms; a++) {
        const pa = phi[a] as number;
        for (let b = 0; b <= a; b++, at += GRADIENT_PRODUCTS) {
          const p = pa * (phi[b] as number);
          sums[at] = (sums[at] as number) + p * xx;
          sums[at + 1] = (sums[at + 1] as number) + p * xy;
          sums[at + 2] = (sums[at + 2] as number) + p * xz;
          sums[at + 3] = (sums[at + 3] as number) + p * yy;
          sums[at + 4] = (sums[at + 4] as number) + p * yz;
          sums[at + 5] = (sums[at + 5] as number) + p * zz;
        }
      }
    }
    this.#unpack(sums);
  }

  /** Packed sums to the full matrix. */
  #unpack(sums: Float64Array): void {
    const stride = 3 * TERMS;
    let at = 0;
    for (let a = 0; a < this.terms; a++) {
      for (let b = 0; b <= a; b++, at += GRADIENT_PRODUCTS) {
        for (let c = 0; c < 3; c++) {
          for (let d = 0; d < 3; d++) {
            const value = sums[at + (PRODUCT_OF[3 * c + d] as number)] as number;
            this.hessian[(c * TERMS + a) * stride + d * TERMS + b] = value;
            this.hessian[(d * TERMS + b) * stride + c * TERMS + a] = value;
          }
        }
      }
    }
  }
}

type Bounds = readonly [number, number];

/** Which gradient product belongs to a pair of components. */
const PRODUCT_OF = [0, 1, 2, 1, 3, 4, 2, 4, 5];
