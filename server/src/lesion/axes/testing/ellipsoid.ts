/**
 * Made-up images of ellipsoids for tests of diameters.
 * @module
 */
import { cross, dot, lpsPoint, norm, perAxis, plus, times } from '../../../geometry/index.ts';
import type { Affine, LpsPoint, Vector } from '../../../geometry/index.ts';
import type { Embedding } from '../../../embedding/types.ts';

/** A body with three axes. */
export interface Ellipsoid {
  readonly centre: Vector;
  /** Unit directions at right angles, and half diameters, mm. */
  readonly directions: readonly [Vector, Vector, Vector];
  readonly halfMm: Vector;
}

/** Values and noise of an image. */
export interface Look {
  readonly inside: number;
  readonly outside: number;
  readonly noise: number;
}

const SIZE = 40;
const SPACING_MM = 2;
/** Width of the edge of what a scanner shows. */
const EDGE_MM = 2;

/** Noise of standard deviation 1: three waves that no direction shares. */
const WAVES = Float32Array.from({ length: SIZE ** 3 }, (_, at) => {
  const wave = Math.sin(12.9 * at) + Math.sin(7.7 * at + 1) + Math.sin(4.1 * at + 2);
  return wave * Math.sqrt(2 / 3);
});

/** A rotation about an axis of any length; by Rodrigues' formula. */
export function rotated(vector: Vector, axis: Vector, angle: number): Vector {
  const unit = times(axis, 1 / norm(axis));
  const [c, s] = [Math.cos(angle), Math.sin(angle)];
  return plus(plus(times(vector, c), cross(unit, vector), s), unit, dot(unit, vector) * (1 - c));
}

/** Share of the ellipsoid at a place: 1 inside, 0 outside. */
function shareAt({ centre, directions, halfMm }: Ellipsoid, place: Vector): number {
  const offset = plus(place, centre, -1);
  if (norm(offset) > Math.max(...halfMm) + EDGE_MM) return 0;
  const relative = directions.map((direction, axis) => dot(offset, direction) / (halfMm[axis] ?? NaN));
  const distance = Math.hypot(...relative);
  const gradient =
    Math.hypot(...relative.map((value, axis) => value / (halfMm[axis] ?? NaN))) / (distance || 1);
  return Math.min(Math.max(0.5 + (1 - distance) / (gradient || 1) / EDGE_MM, 0), 1);
}

/** A scan of an ellipsoid: working image of 80 mm from the origin on, and the slices of its volume. */
export function scanOf(
  ellipsoid: Ellipsoid | undefined,
  { inside, outside, noise }: Look,
  voxelToLps: Affine = [0.8, 0, 0, 0, 0, 0.8, 0, 0, 0, 0, 1.5, 0],
): Pick<Embedding, 'image' | 'volume'> {
  const values = new Int16Array(SIZE ** 3);
  for (let at = 0; at < values.length; at++) {
    const place = perAxis((axis) => SPACING_MM * (Math.floor(at / SIZE ** axis) % SIZE));
    const share = ellipsoid === undefined ? 0 : shareAt(ellipsoid, place);
    values[at] = Math.round(outside + share * (inside - outside) + noise * (WAVES[at] ?? NaN));
  }
  const m = SPACING_MM;
  const volume = { dims: [100, 100, 53], voxelToLps, modality: 'CT' } as unknown as Embedding['volume'];
  return {
    image: {
      grid: { dims: [SIZE, SIZE, SIZE], voxelToLps: [m, 0, 0, 0, 0, m, 0, 0, 0, 0, m, 0] },
      values,
      scale: 1,
    },
    volume,
  };
}

/** The ellipse in which an ellipsoid cuts the plane through its centre: half diameters, and the direction of the longer one. */
export function sectionOf({ directions, halfMm }: Ellipsoid, along: Vector, down: Vector) {
  const form = (u: Vector, v: Vector): number =>
    directions.reduce((sum, axis, n) => sum + (dot(u, axis) * dot(v, axis)) / (halfMm[n] ?? NaN) ** 2, 0);
  const [a, b, c] = [form(along, along), form(along, down), form(down, down)];
  const [mean, spread] = [(a + c) / 2, Math.hypot((a - c) / 2, b)];
  const angle = Math.atan2(2 * b, a - c) / 2 + Math.PI / 2;
  const direction = plus(times(along, Math.cos(angle)), down, Math.sin(angle));
  return { longMm: 1 / Math.sqrt(mean - spread), shortMm: 1 / Math.sqrt(mean + spread), direction };
}

/** Both ends of a diameter around a centre. */
export function endsAround(centre: Vector, direction: Vector, halfMm: number): readonly [LpsPoint, LpsPoint] {
  return [lpsPoint(...plus(centre, direction, -halfMm)), lpsPoint(...plus(centre, direction, halfMm))];
}
