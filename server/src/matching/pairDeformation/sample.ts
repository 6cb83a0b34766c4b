/**
 * The field of a pair, read at the nodes of a lattice, and its inverse.
 * @module
 */
import { AXES, invert, locateInStack, lpsPoint, perAxis, toLps, voxelIndex } from '../../geometry/index.ts';
import type { Affine, LpsPoint } from '../../geometry/index.ts';
import type { Embedding } from '../../embedding/types.ts';
import { applyTo } from '../../affineRegistration/index.ts';
import { judge } from '../confidence/index.ts';
import { fieldAt, readField } from '../../matchMethods/index.ts';
import type { PrecomputedField } from '../../matchMethods/index.ts';
import { fieldOf } from '../../neighbourMap/index.ts';
import type { Pair } from '../answer.ts';
import type { ErrorCalibration } from '../../model/index.ts';
import { touchesBody } from '../touchesBody.ts';
import {
  determinantsOf,
  errorRadiusAt,
  fitted,
  latticeOver,
  neighboursOf,
  nodesOf,
  placeOf,
  pointOf,
  unfold,
  widened,
} from '../../deformation/index.ts';
import type { BodyLattice, Box, FieldLattice, LatticeShape } from '../../deformation/index.ts';

/** The parts of a pair that a lattice is made from. */
export interface Sampled {
  readonly pair: Pair;
  readonly field: PrecomputedField;
  /** LPS of the target series to the LPS of its embedding. */
  readonly turn: Affine;
  /** Of the method `field`. */
  readonly calibration: ErrorCalibration | undefined;
}

/** The map from the query to the target, regular; its nodes cover the query's body. */
export function forwardLattice(sampled: Sampled, spacingMm: number): BodyLattice {
  const { pair, field, turn } = sampled;
  const shape = latticeOver(bodyBox(pair.query.embedding), spacingMm);
  const [back, count] = [invert(turn), nodesOf(shape)];
  const place = placesIn(field);
  const displacements = new Float32Array(3 * count);
  const isBody = new Uint8Array(count);
  for (let node = 0; node < count; node++) {
    const from = placeOf(shape, node);
    const to = applyTo(back, place(from));
    for (const axis of AXES) displacements[3 * node + axis] = to[axis] - from[axis];
    isBody[node] = touchesBody(pair.query.embedding, from) ? 1 : 0;
  }
  const isNear = widened(isBody, shape);
  const displaced = { ...shape, displacements: fitted(displacements, shape) };
  unfold(displaced, isNear);
  const errorRadii = spread(errorRadiiOf(displaced, isBody, sampled), isNear, shape);
  keepInside(displaced, errorRadii, sampled);
  return { ...displaced, determinants: determinantsOf(displaced), errorRadii, isBody };
}

/** The map back, by inversion of the map there; its nodes cover the target's body. */
export function inverseLattice(
  { pair: { target }, turn }: Sampled,
  forward: FieldLattice,
  affine: Affine,
  spacingMm: number,
): FieldLattice {
  const shape = latticeOver(turnedBox(bodyBox(target.embedding), invert(turn)), spacingMm);
  const count = nodesOf(shape);
  const displacements = new Float32Array(3 * count);
  const [isBody, errorRadii] = [new Uint8Array(count), new Float32Array(count).fill(NaN)];
  for (let node = 0; node < count; node++) {
    const from = placeOf(shape, node);
    const { lps, isFound } = pointOf(forward, affine, from);
    for (const axis of AXES) displacements[3 * node + axis] = lps[axis] - from[axis];
    isBody[node] = touchesBody(target.embedding, applyTo(turn, from)) ? 1 : 0;
    if (isFound) errorRadii[node] = errorRadiusAt(forward, lps);
  }
  const isNear = widened(isBody, shape);
  for (let node = 0; node < count; node++) if (isNear[node] === 0) errorRadii[node] = NaN;
  const displaced = { ...shape, displacements: fitted(displacements, shape) };
  return { ...displaced, determinants: determinantsOf(displaced), errorRadii };
}

/** Where the method `field` puts points of the query, in the world of the target's embedding (LPS, mm); beyond its nodes, the neighbour map. */
function placesIn({ context, grid }: PrecomputedField): (lps: LpsPoint) => LpsPoint {
  const { neighbourMap } = context;
  if (neighbourMap === undefined) throw new RangeError('a pair without a neighbour map has no field');
  const around = fieldOf(neighbourMap);
  return (lps) => (grid && fieldAt(grid, lps)?.lps) ?? around.placeOf(lps);
}

/** Per node of the body the radius of an answer of the method `field`; NaN elsewhere. */
function errorRadiiOf(
  shape: LatticeShape,
  isBody: Uint8Array,
  { pair: { query, target }, field, calibration }: Sampled,
): Float32Array {
  const volumes = { query: query.embedding.volume, target: target.embedding.volume };
  return Float32Array.from(isBody, (inBody, node) => {
    const found = inBody === 1 ? readField(query, target, placeOf(shape, node), field) : undefined;
    if (found === undefined) return NaN;
    // The second opinion costs a search; without it the radius is that of the worst one, 2 % larger.
    const runnerUp = { distanceMm: 0, similarity: found.similarity };
    return judge({ ...found, runnerUp }, volumes, calibration).errorRadiusMm;
  });
}

/** Radii also at the nodes beside the body: the largest of their neighbours', so that every point of the body has eight. */
function spread(radii: Float32Array, isNear: Uint8Array, shape: LatticeShape): Float32Array {
  let spreading = radii;
  // A corner of a cell is three steps from the opposite one.
  for (let round = 0; round < 3; round++) {
    const before = spreading;
    spreading = before.map((radius, node) => {
      if (isNear[node] === 0 || !Number.isNaN(radius)) return radius;
      const around = neighboursOf(shape, node).map((other) => before[other] ?? NaN);
      const known = around.filter((one) => !Number.isNaN(one));
      return known.length === 0 ? NaN : Math.max(...known);
    });
  }
  return spreading;
}

/** Forgets the radii of nodes whose place lies outside of the target. */
function keepInside(
  lattice: LatticeShape & Pick<FieldLattice, 'displacements'>,
  radii: Float32Array,
  { pair: { target }, turn }: Sampled,
): void {
  for (let node = 0; node < radii.length; node++) {
    if (Number.isNaN(radii[node])) continue;
    const from = placeOf(lattice, node);
    const [x, y, z] = perAxis((axis) => from[axis] + (lattice.displacements[3 * node + axis] ?? NaN));
    if (locateInStack(target.embedding.volume, applyTo(turn, lpsPoint(x, y, z))).outsideMm > 0)
      radii[node] = NaN;
  }
}

/** The smallest box around the body, LPS mm. The grids of embeddings lie along the patient's axes. */
export function bodyBox({ maps, bodyMask }: Embedding): Box {
  const fine = maps.find(({ role }) => role === 'fine');
  if (fine === undefined) throw new RangeError('an embedding without a fine map has no body');
  const { dims, voxelToLps } = fine.grid;
  const [low, high] = [perAxis((axis) => dims[axis] - 1), perAxis(() => 0)];
  for (let flat = bodyMask.indexOf(1); flat >= 0; flat = bodyMask.indexOf(1, flat + 1)) {
    const index = [
      flat % dims[0],
      Math.floor(flat / dims[0]) % dims[1],
      Math.floor(flat / dims[0] / dims[1]),
    ];
    for (const axis of AXES) {
      low[axis] = Math.min(low[axis], index[axis] ?? NaN);
      high[axis] = Math.max(high[axis], index[axis] ?? NaN);
    }
  }
  // A voxel reaches half a step farther.
  const ends = [
    toLps(voxelToLps, voxelIndex(...perAxis((axis) => low[axis] - 0.5))),
    toLps(voxelToLps, voxelIndex(...perAxis((axis) => high[axis] + 0.5))),
  ] as const;
  return around(ends);
}

/** The box around a turned one. */
export function turnedBox({ low, high }: Box, turn: Affine): Box {
  const corners = Array.from({ length: 8 }, (_, corner) =>
    applyTo(turn, lpsPoint(...perAxis((axis) => ((corner >> axis) & 1 ? high[axis] : low[axis])))),
  );
  return around(corners);
}

function around(points: readonly LpsPoint[]): Box {
  return {
    low: perAxis((axis) => Math.min(...points.map((point) => point[axis]))),
    high: perAxis((axis) => Math.max(...points.map((point) => point[axis]))),
  };
}
