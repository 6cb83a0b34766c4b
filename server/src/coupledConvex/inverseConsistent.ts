/**
 * A forward and a backward dense map, made inverse consistent: each is moved by half of the cycle error (as in ConvexAdam, Siebert et
 * al. 2022). What only one direction says counts half.
 * @module
 */
import { AXES, invert, lpsPoint, perAxis } from '../geometry/index.ts';
import type { Affine, LpsPoint } from '../geometry/index.ts';
import { applyTo } from '../affineRegistration/index.ts';
import { cornersAt, smooth } from './coupledConvex.ts';
import type { DenseMap, Displacements } from './coupledConvex.ts';

/** After the first round an error of the interpolation remains. */
const ROUNDS = 4;
/** Where less than this share of a cell participates, the map is not known. */
const LEAST_KNOWN = 0.5;

/** @param affine of the whole body, from the series of `there` to that of `back` @returns the displacements of `there` */
export function inverseConsistent(there: DenseMap, back: DenseMap, affine: Affine): Displacements {
  const forward = new Deviations(there, affine);
  const backward = new Deviations(back, invert(affine));
  const before = forward.values.slice();
  for (let round = 0; round < ROUNDS; round++) {
    const changes = [forward.halfTheErrors(backward), backward.halfTheErrors(forward)] as const;
    forward.subtract(changes[0]);
    backward.subtract(changes[1]);
  }
  const change = forward.values.map((value, n) => value - (before[n] ?? NaN));
  return added(there, change);
}

function added({ displacements, isActive }: DenseMap, change: Float32Array): Displacements {
  const around = new Float32Array(change.length);
  smooth({ dims: displacements.dims, isActive }, change, around);
  const values = new Float32Array(new SharedArrayBuffer(change.byteLength));
  for (let n = 0; n < values.length; n++) {
    const own = isActive[Math.floor(n / 3)] === 1 ? change : around;
    values[n] = (displacements.values[n] ?? NaN) + (own[n] ?? NaN);
  }
  return { ...displacements, values };
}

/** A dense map as its deviation from an affine one, which is smooth enough to be interpolated. */
class Deviations {
  /** Three per node, LPS mm; 0 where the node does not participate. */
  readonly values: Float32Array;
  readonly #map: DenseMap;
  readonly #affine: Affine;

  constructor(map: DenseMap, affine: Affine) {
    this.#map = map;
    this.#affine = affine;
    const { displacements, guesses } = map;
    this.values = new Float32Array(guesses.length);
    for (const node of this.#active()) {
      const plain = applyTo(affine, this.#place(node));
      for (const axis of AXES) {
        const n = 3 * node + axis;
        this.values[n] = (guesses[n] ?? NaN) + (displacements.values[n] ?? NaN) - plain[axis];
      }
    }
  }

  /** Where the map puts a point (LPS, mm); undefined where it is not known. */
  at(lps: LpsPoint): LpsPoint | undefined {
    const [sum, known] = [perAxis(() => 0), { weight: 0 }];
    for (const [node, weight] of cornersAt(this.#map.displacements, lps)) {
      if (this.#map.isActive[node] === 0) continue;
      known.weight += weight;
      for (const axis of AXES) sum[axis] += weight * (this.values[3 * node + axis] ?? NaN);
    }
    if (known.weight < LEAST_KNOWN) return undefined;
    const plain = applyTo(this.#affine, lps);
    return lpsPoint(...perAxis((axis) => plain[axis] + sum[axis] / known.weight));
  }

  /** Half of the cycle error of each node, in the frame of where it goes, mm. */
  halfTheErrors(back: Deviations): Float32Array {
    const m = this.#affine;
    const half = new Float32Array(this.values.length);
    for (const node of this.#active()) {
      const place = this.#place(node);
      const plain = applyTo(m, place);
      const end = back.at(
        lpsPoint(...perAxis((axis) => plain[axis] + (this.values[3 * node + axis] ?? NaN))),
      );
      if (end === undefined) continue;
      const [x, y, z] = [end[0] - place[0], end[1] - place[1], end[2] - place[2]];
      half[3 * node] = (m[0] * x + m[1] * y + m[2] * z) / 2;
      half[3 * node + 1] = (m[4] * x + m[5] * y + m[6] * z) / 2;
      half[3 * node + 2] = (m[8] * x + m[9] * y + m[10] * z) / 2;
    }
    return half;
  }

  subtract(change: Float32Array): void {
    for (let n = 0; n < change.length; n++) this.values[n] = (this.values[n] ?? NaN) - (change[n] ?? NaN);
  }

  *#active(): Generator<number> {
    const { isActive } = this.#map;
    for (let node = isActive.indexOf(1); node >= 0; node = isActive.indexOf(1, node + 1)) yield node;
  }

  #place(node: number): LpsPoint {
    const { dims, origin, step } = this.#map.displacements;
    const index = [
      node % dims[0],
      Math.floor(node / dims[0]) % dims[1],
      Math.floor(node / dims[0] / dims[1]),
    ] as const;
    return lpsPoint(...perAxis((axis) => origin[axis] + index[axis] * step[axis]));
  }
}
