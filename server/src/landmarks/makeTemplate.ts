import type { Embedding, EmbeddingMap } from '../embedding/index.ts';
import { SamepointError } from '../errors/index.ts';
import {
  distanceMm,
  invert,
  locateInStack,
  perAxis,
  toLps,
  toVoxel,
  voxelIndex,
  withOriginAt,
} from '../geometry/index.ts';
import type { LpsPoint } from '../geometry/index.ts';
import type { MatchModel } from '../matching/index.ts';
import { imageless } from './imageless.ts';
import type { Landmark, LandmarkTemplate } from './types.ts';

type Grid = EmbeddingMap['grid'];
type Box = readonly [Range, Range, Range];
type Range = readonly [first: number, last: number];

/**
 * How far vectors are kept, mm. The matches of the neighbours out to here say where a landmark is: with 40 or 60 mm landmarks of other
 * patients are found as exactly, with 20 mm less so (docs/applications.md).
 */
export const REACH_MM = 30;
/** A landmark with no vector within this distance lies outside the body, mm: a voxel of the fine map. */
const NEAR_MM = 8;
/** A coarse map is kept this many cells around: interpolation needs one. */
const MARGIN_CELLS = 1;
/** Vectors of the box around all landmarks, bytes: it is whole in memory when the template is used. */
const MAX_BOX_BYTES = 2 ** 28;

/**
 * A template of landmarks of an embedded series. The landmarks lie in its frame of reference.
 * @throws SamepointError matching/outside-volume, matching/outside-body, landmarks/too-large
 */
export function makeTemplate(
  embedding: Embedding,
  landmarks: readonly Landmark[],
  { id, version }: Pick<MatchModel, 'id' | 'version'>,
  reachMm = REACH_MM,
): LandmarkTemplate {
  const fine = embedding.maps.find(({ role }) => role === 'fine');
  if (fine === undefined) throw new SamepointError('matching/no-fine-map', { model: id });
  const places = landmarks.map(({ lps }) => lps);
  for (const place of places) assertInVolume(embedding, place);
  const box = boxAround(fine.grid, places, reachMm);
  assertSize(box, embedding.maps);
  const mask = maskOf(embedding, fine, box, places, reachMm);
  assertInBody(cut(fine.grid, box), mask, places);
  const maps = embedding.maps.map((map) => cutMap(map, fine.grid, box, mask));
  return {
    model: { id, version },
    landmarks: landmarks.map(({ name, lps }) => ({ name, lps })),
    reachMm,
    embedding: imageless({ modelId: id, volume: embedding.volume, maps, bodyMask: mask }),
  };
}

function assertInVolume({ volume }: Embedding, point: LpsPoint): void {
  const { outsideMm } = locateInStack(volume, point);
  if (outsideMm > 0) throw new SamepointError('matching/outside-volume', { point, outsideMm });
}

/** The voxels of a grid that lie within a distance of the points, along each axis. */
function boxAround({ dims, voxelToLps }: Grid, points: readonly LpsPoint[], mm: number): Box {
  const toIndex = invert(voxelToLps);
  const corners = points.flatMap(([x, y, z]) =>
    [-mm, mm].map((by) => toVoxel(toIndex, [x + by, y + by, z + by] as unknown as LpsPoint)),
  );
  return perAxis((axis): Range => {
    const along = corners.map((corner) => corner[axis]);
    return [
      Math.max(Math.floor(Math.min(...along)), 0),
      Math.min(Math.ceil(Math.max(...along)), dims[axis] - 1),
    ];
  });
}

function assertSize(box: Box, maps: readonly EmbeddingMap[]): void {
  const voxels = box.reduce((product, [first, last]) => product * (last - first + 1), 1);
  const bytes = voxels * maps.reduce((sum, { channels }) => sum + channels, 0);
  const megabytes = (count: number): number => Math.ceil(count / 2 ** 20);
  if (bytes > MAX_BOX_BYTES)
    throw new SamepointError('landmarks/too-large', {
      megabytes: megabytes(bytes),
      limit: megabytes(MAX_BOX_BYTES),
    });
}

/** The grid of a box of a grid. */
function cut({ voxelToLps }: Grid, box: Box): Grid {
  const [[i], [j], [k]] = box;
  return {
    dims: perAxis((axis) => box[axis][1] - box[axis][0] + 1),
    voxelToLps: withOriginAt(voxelToLps, voxelIndex(i, j, k)),
  };
}

/** Calls for each voxel of a box with its flat index in the grid and in the box. */
function forBox({ dims: [ni, nj] }: Grid, [i, j, k]: Box, visit: (from: number, to: number) => void): void {
  let to = 0;
  for (let z = k[0]; z <= k[1]; z++)
    for (let y = j[0]; y <= j[1]; y++) for (let x = i[0]; x <= i[1]; x++) visit((z * nj + y) * ni + x, to++);
}

/** 1 for each voxel of the box that has a vector, is body, and lies near a landmark. */
function maskOf(
  { bodyMask }: Embedding,
  { grid, inverseNorms }: EmbeddingMap,
  box: Box,
  places: readonly LpsPoint[],
  reachMm: number,
): Uint8Array {
  const { dims, voxelToLps } = grid;
  const mask = new Uint8Array(box.reduce((product, [first, last]) => product * (last - first + 1), 1));
  forBox(grid, box, (from, to) => {
    if (bodyMask[from] === 0 || inverseNorms[from] === 0) return;
    const index = voxelIndex(
      from % dims[0],
      Math.floor(from / dims[0]) % dims[1],
      Math.floor(from / (dims[0] * dims[1])),
    );
    const lps = toLps(voxelToLps, index);
    if (places.some((place) => distanceMm(place, lps) <= reachMm)) mask[to] = 1;
  });
  return mask;
}

function assertInBody({ dims, voxelToLps }: Grid, mask: Uint8Array, places: readonly LpsPoint[]): void {
  for (const point of places) {
    const near = boxAround({ dims, voxelToLps }, [point], NEAR_MM);
    let kept = 0;
    forBox({ dims, voxelToLps }, near, (from) => {
      kept += mask[from] ?? 0;
    });
    if (kept === 0) throw new SamepointError('matching/outside-body', { point });
  }
}

function cutMap(map: EmbeddingMap, fine: Grid, box: Box, mask: Uint8Array): EmbeddingMap {
  const isFine = map.grid.dims.every((size, axis) => size === fine.dims[axis]);
  const own = isFine ? box : coveringBox(map.grid, fine, box);
  const grid = cut(map.grid, own);
  const count = grid.dims[0] * grid.dims[1] * grid.dims[2];
  const vectors = new Int8Array(count * map.channels);
  const inverseNorms = new Float32Array(count);
  forBox(map.grid, own, (from, to) => {
    if (isFine && mask[to] === 0) return;
    vectors.set(map.vectors.subarray(from * map.channels, (from + 1) * map.channels), to * map.channels);
    inverseNorms[to] = map.inverseNorms[from] ?? NaN;
  });
  return { ...map, grid, vectors, inverseNorms };
}

/** The voxels of another grid around a box of the fine one. */
function coveringBox(grid: Grid, fine: Grid, box: Box): Box {
  const toIndex = invert(grid.voxelToLps);
  const [first, last] = [0, 1].map((end) => {
    const [i, j, k] = perAxis((axis) => box[axis][end as 0 | 1]);
    return toVoxel(toIndex, toLps(fine.voxelToLps, voxelIndex(i, j, k)));
  });
  return perAxis((axis): Range => [
    Math.max(Math.floor(Math.min(first?.[axis] ?? NaN, last?.[axis] ?? NaN)) - MARGIN_CELLS, 0),
    Math.min(
      Math.ceil(Math.max(first?.[axis] ?? NaN, last?.[axis] ?? NaN)) + MARGIN_CELLS,
      grid.dims[axis] - 1,
    ),
  ]);
}
