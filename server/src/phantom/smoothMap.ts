import { distanceMm, lpsPoint, perAxis } from '../geometry/index.ts';
import type { LpsPoint } from '../geometry/index.ts';
import { BsplineField } from './bsplineField.ts';
import type { Box } from './bsplineField.ts';
import { createRandom } from './random.ts';
import type { Random } from './random.ts';

/** One smooth random field: its 99th percentile on the body, and its knot distance. */
interface FieldSpec {
  readonly amplitudeMm: number;
  readonly knotMm: number;
}

/** A smooth map between two scans of one patient: rotation about a centre, shift, and smooth fields. */
export interface SmoothMapSpec {
  readonly fields: readonly FieldSpec[];
  /** Angles about the x, y and z axis, degrees. */
  readonly rotationDeg: readonly [number, number, number];
  /** What is added after the rotation, mm, LPS. */
  readonly shiftMm: readonly [number, number, number];
}

type Matrix = readonly [number, number, number, number, number, number, number, number, number];

/** The share of body points whose displacement stays below the amplitude (benchmark protocol). */
const AMPLITUDE_QUANTILE = 0.99;
/** A smooth map may compress tissue to this share of its volume, not fold it: below it the draw is repeated. */
const SMALLEST_JACOBIAN = 0.2;
const MAX_DRAWS = 50;
/** Inverse: accuracy that no measurement of ours can see, mm. */
const INVERSE_TOLERANCE_MM = 1e-6;
const MAX_NEWTON_STEPS = 50;
/** Step of the numeric Jacobian, mm; fields bend over tens of millimetres. */
const JACOBIAN_STEP_MM = 0.01;

function rotationMatrix([ax, ay, az]: readonly [number, number, number]): Matrix {
  const rad = Math.PI / 180;
  const turn = (deg: number): readonly [number, number] => [Math.cos(deg * rad), Math.sin(deg * rad)];
  const [[cx, sx], [cy, sy], [cz, sz]] = [turn(ax), turn(ay), turn(az)];
  return [
    cz * cy, cz * sy * sx - sz * cx, cz * sy * cx + sz * sx,
    sz * cy, sz * sy * sx + cz * cx, sz * sy * cx - cz * sx,
    -sy, cy * sx, cy * cx,
  ]; // prettier-ignore
}

/**
 * x = T(y) = centre + R (y - centre) + shift + sum of fields(y), for y and x in LPS mm of two scans.
 * Evaluated from the formula at any point, so that image and truth agree exactly.
 */
export class SmoothMap {
  readonly #matrix: Matrix;
  readonly #offset: readonly [number, number, number];
  readonly #fields: readonly BsplineField[];

  constructor(
    rotationDeg: readonly [number, number, number],
    centre: LpsPoint,
    shiftMm: readonly [number, number, number],
    fields: readonly BsplineField[],
  ) {
    this.#matrix = rotationMatrix(rotationDeg);
    this.#fields = fields;
    const turned = this.#rotate(centre[0], centre[1], centre[2]);
    this.#offset = [
      centre[0] - turned[0] + shiftMm[0],
      centre[1] - turned[1] + shiftMm[1],
      centre[2] - turned[2] + shiftMm[2],
    ];
  }

  #rotate(x: number, y: number, z: number): [number, number, number] {
    const m = this.#matrix;
    return [m[0] * x + m[1] * y + m[2] * z, m[3] * x + m[4] * y + m[5] * z, m[6] * x + m[7] * y + m[8] * z];
  }

  /** T(y). */
  apply(y: LpsPoint): LpsPoint {
    const out = new Float64Array(3);
    this.alongX(y, 0, 1, out);
    return lpsPoint(out[0] ?? NaN, out[1] ?? NaN, out[2] ?? NaN);
  }

  /** T at `count` points from `start` in steps of `stepMm` along x; three numbers per point into `out`. */
  alongX(start: LpsPoint, stepMm: number, count: number, out: Float64Array): void {
    const lines = this.#fields.map((field) => field.lineAt(start[1], start[2]));
    for (let i = 0; i < count; i++) {
      const x = start[0] + i * stepMm;
      const turned = this.#rotate(x, start[1], start[2]);
      out[3 * i] = turned[0] + this.#offset[0];
      out[3 * i + 1] = turned[1] + this.#offset[1];
      out[3 * i + 2] = turned[2] + this.#offset[2];
      for (const line of lines) line.add(x, out, 3 * i);
    }
  }

  /** Determinant of the derivative of T at y: 1 keeps volume, 0 or less folds. */
  jacobianAt(y: LpsPoint): number {
    return determinant(this.#derivative(y));
  }

  #derivative(y: LpsPoint): Matrix {
    const h = JACOBIAN_STEP_MM;
    const column = (axis: 0 | 1 | 2): [number, number, number] => {
      const [dx, dy, dz] = perAxis((other) => (other === axis ? h : 0));
      const a = this.apply(lpsPoint(y[0] + dx, y[1] + dy, y[2] + dz));
      const b = this.apply(lpsPoint(y[0] - dx, y[1] - dy, y[2] - dz));
      return [(a[0] - b[0]) / (2 * h), (a[1] - b[1]) / (2 * h), (a[2] - b[2]) / (2 * h)];
    };
    const [i, j, k] = [column(0), column(1), column(2)];
    return [i[0], j[0], k[0], i[1], j[1], k[1], i[2], j[2], k[2]];
  }

  /**
   * The y with T(y) = x, by Newton's method from the rigid inverse; accurate to 1e-6 mm.
   * @throws RangeError when x has no preimage within reach (never inside the box of a map made by {@link drawSmoothMap}).
   */
  inverse(x: LpsPoint): LpsPoint {
    const m = this.#matrix;
    const [u, v, w] = [x[0] - this.#offset[0], x[1] - this.#offset[1], x[2] - this.#offset[2]];
    let y = lpsPoint(
      m[0] * u + m[3] * v + m[6] * w,
      m[1] * u + m[4] * v + m[7] * w,
      m[2] * u + m[5] * v + m[8] * w,
    );
    for (let step = 0; step < MAX_NEWTON_STEPS; step++) {
      const at = this.apply(y);
      if (distanceMm(at, x) < INVERSE_TOLERANCE_MM) return y;
      const [dx, dy, dz] = solve(this.#derivative(y), [x[0] - at[0], x[1] - at[1], x[2] - at[2]]);
      y = lpsPoint(y[0] + dx, y[1] + dy, y[2] + dz);
    }
    throw new RangeError(`point [${x.join(', ')}] has no preimage under the map`);
  }
}

function determinant(m: Matrix): number {
  return (
    m[0] * (m[4] * m[8] - m[5] * m[7]) -
    m[1] * (m[3] * m[8] - m[5] * m[6]) +
    m[2] * (m[3] * m[7] - m[4] * m[6])
  );
}

/** Solves m v = r by Cramer's rule. */
function solve(m: Matrix, r: readonly [number, number, number]): [number, number, number] {
  const d = determinant(m);
  return [
    determinant([r[0], m[1], m[2], r[1], m[4], m[5], r[2], m[7], m[8]]) / d,
    determinant([m[0], r[0], m[2], m[3], r[1], m[5], m[6], r[2], m[8]]) / d,
    determinant([m[0], m[1], r[0], m[3], m[4], r[1], m[6], m[7], r[2]]) / d,
  ];
}

/** Sorts lengths of displacements and scales the field so that the protocol's quantile meets its amplitude. */
function fitAmplitude(field: BsplineField, body: readonly LpsPoint[], amplitudeMm: number): void {
  const lengths = body.map((point) => Math.hypot(...field.at(point))).sort((a, b) => a - b);
  const reached = lengths[Math.floor((lengths.length - 1) * AMPLITUDE_QUANTILE)] ?? 0;
  if (reached > 0) field.scaleBy(amplitudeMm / reached);
}

function drawOnce(spec: SmoothMapSpec, box: Box, body: readonly LpsPoint[], random: Random): SmoothMap {
  const fields = spec.fields.map(({ amplitudeMm, knotMm }) => {
    const field = new BsplineField(box, knotMm, random);
    fitAmplitude(field, body, amplitudeMm);
    return field;
  });
  const centre = lpsPoint(
    (box.min[0] + box.max[0]) / 2,
    (box.min[1] + box.max[1]) / 2,
    (box.min[2] + box.max[2]) / 2,
  );
  return new SmoothMap(spec.rotationDeg, centre, spec.shiftMm, fields);
}

/**
 * Draws a random smooth map that does not fold.
 * @param spec Size of rotation, shift and fields.
 * @param box Domain of the fields, LPS mm, in the frame of the map's argument.
 * @param body Points on the body, in the same frame: there the amplitude is measured and folding is excluded.
 * @param seed Seed.
 * @throws RangeError when no map of this size could be drawn without folding.
 */
export function drawSmoothMap(
  spec: SmoothMapSpec,
  box: Box,
  body: readonly LpsPoint[],
  seed: number,
): SmoothMap {
  for (let draw = 0; draw < MAX_DRAWS; draw++) {
    const map = drawOnce(spec, box, body, createRandom(seed, `smooth map ${draw}`));
    if (body.every((point) => map.jacobianAt(point) > SMALLEST_JACOBIAN)) return map;
  }
  throw new RangeError(`no map of this amplitude without folds in ${MAX_DRAWS} draws`);
}
