/**
 * Points deep in the body of a volume, at random but the same for the same seed.
 * @module
 */
import { lpsPoint, toLps, voxelIndex } from '../../server/src/geometry/index.ts';
import type { LpsPoint } from '../../server/src/geometry/index.ts';
import { createRandom } from '../../server/src/phantom/random.ts';
import { resample } from '../../server/src/resampling/index.ts';
import { workingGrid } from '../../server/src/volume/index.ts';
import type { Grid, Volume } from '../../server/src/volume/index.ts';

/** Bound once: called for every voxel, and a global look-up each time is slow in test sandboxes. */
const { floor, max, min, sqrt } = Math;

/** A point must be this far inside the skin, mm. */
export const SKIN_MM = 8;
/** Edge of the voxels in which the body is looked at, mm. */
const GRID_MM = 2;
/** Soft tissue and fat lie above, air and lung below, HU. Holes of a slice (lungs, bowel gas) are filled. */
const BODY_HU = -500;
/** HU outside the volume. */
const OUTSIDE_HU = -1024;
/** Legs or arms beside the trunk are body; a couch, after its rim of SKIN_MM is gone, is smaller than this share of it. */
const SMALLEST_PART = 0.2;
/** Draws per point before there is said to be no place for it. */
const DRAWS_PER_POINT = 2000;

/** 1 where a voxel of the grid is body. */
export interface Mask {
  readonly grid: Grid;
  readonly voxels: Uint8Array;
}

/** Clears the air that the border of its slice reaches, in place: what remains is the filled body. */
function clearOutside(air: Uint8Array, nx: number, ny: number, filled: Uint8Array): void {
  const queue: number[] = [];
  const visit = (x: number, y: number): void => {
    if (x < 0 || y < 0 || x >= nx || y >= ny || air[x + nx * y] === 0) return;
    air[x + nx * y] = 0;
    filled[x + nx * y] = 0;
    queue.push(x + nx * y);
  };
  for (let x = 0; x < nx; x++)
    [0, ny - 1].forEach((y) => {
      visit(x, y);
    });
  for (let y = 0; y < ny; y++)
    [0, nx - 1].forEach((x) => {
      visit(x, y);
    });
  for (let at = queue.pop(); at !== undefined; at = queue.pop()) {
    const [x, y] = [at % nx, floor(at / nx)];
    visit(x - 1, y);
    visit(x + 1, y);
    visit(x, y - 1);
    visit(x, y + 1);
  }
}

/** The filled body of a CT, with whatever else is dense, on a grid of 2 mm. */
export function bodyOf(volume: Volume): Mask {
  const grid = workingGrid(volume, GRID_MM);
  const [nx, ny, nz] = grid.dims;
  const values = resample(volume, grid, { outside: OUTSIDE_HU, antialias: true });
  const voxels = new Uint8Array(values.length).fill(1);
  for (let k = 0; k < nz; k++) {
    const slice = values.subarray(k * nx * ny, (k + 1) * nx * ny);
    const air = Uint8Array.from(slice, (value) => (value > BODY_HU ? 0 : 1));
    clearOutside(air, nx, ny, voxels.subarray(k * nx * ny, (k + 1) * nx * ny));
  }
  return { grid, voxels };
}

/** Voxels along x to the nearest voxel of the row that is not body; the ends of the row are no skin. */
function reachAlongX({ grid, voxels }: Mask, limit: number): Uint8Array {
  const nx = grid.dims[0];
  const reach = new Uint8Array(voxels.length);
  for (let row = 0; row < voxels.length; row += nx) {
    for (const [from, step] of [
      [row, 1],
      [row + nx - 1, -1],
    ] as const) {
      let seen = limit;
      for (let n = 0, at = from; n < nx; n++, at += step) {
        seen = voxels[at] === 1 ? min(limit, seen + 1) : 0;
        reach[at] = step === 1 ? seen : min(reach[at] ?? NaN, seen);
      }
    }
  }
  return reach;
}

/** Clears the voxels of the four faces of the slices, in place: so no row runs into the next one. Points there are out of view anyway. */
function clearFaces(voxels: Uint8Array, [nx, ny, nz]: Grid['dims']): void {
  for (let row = 0; row < ny * nz; row++) {
    if (row % ny === 0 || row % ny === ny - 1) voxels.fill(0, row * nx, (row + 1) * nx);
    voxels[row * nx] = 0;
    voxels[row * nx + nx - 1] = 0;
  }
}

/** Voxels around which a ball of {@link SKIN_MM} is all body. The faces of the volume are no skin. */
function deepPart(mask: Mask): Uint8Array {
  const [nx, ny, nz] = mask.grid.dims;
  const radius = SKIN_MM / GRID_MM;
  const reach = reachAlongX(mask, radius + 1);
  const deep = new Uint8Array(mask.voxels);
  for (let dz = -radius; dz <= radius; dz++) {
    for (let dy = -radius; dy <= radius; dy++) {
      const half = radius ** 2 - dy ** 2 - dz ** 2;
      if (half < 0) continue;
      // A row of the ball is body when the next voxel that is not lies beyond its half width.
      const needed = floor(sqrt(half)) + 1;
      for (let k = max(0, -dz); k < min(nz, nz - dz); k++)
        for (let j = max(0, -dy); j < min(ny, ny - dy); j++)
          for (let i = 0, at = nx * (j + ny * k), to = at + nx * (dy + ny * dz); i < nx; i++)
            if ((reach[to + i] ?? NaN) < needed) deep[at + i] = 0;
    }
  }
  clearFaces(deep, mask.grid.dims);
  return deep;
}

/** Removes what is connected to less than {@link SMALLEST_PART} of the largest connected part, in place. */
function keepLargeParts(voxels: Uint8Array, [nx, ny]: Grid['dims']): void {
  const labels = new Int32Array(voxels.length);
  const sizes = [0];
  const queue: number[] = [];
  for (let seed = 0; seed < voxels.length; seed++) {
    if (voxels[seed] === 0 || labels[seed] !== 0) continue;
    const label = sizes.push(0) - 1;
    labels[seed] = label;
    queue.push(seed);
    for (let at = queue.pop(); at !== undefined; at = queue.pop()) {
      sizes[label] = (sizes[label] ?? NaN) + 1;
      for (const next of [at - 1, at + 1, at - nx, at + nx, at - nx * ny, at + nx * ny]) {
        if (voxels[next] !== 1 || labels[next] !== 0) continue;
        labels[next] = label;
        queue.push(next);
      }
    }
  }
  const enough = max(...sizes) * SMALLEST_PART;
  labels.forEach((label, at) => {
    if ((sizes[label] ?? NaN) < enough) voxels[at] = 0;
  });
}

/** Where points may be drawn: {@link SKIN_MM} or more inside the body of a CT. */
export class DeepBody {
  readonly #grid: Grid;
  readonly #voxels: Uint32Array;

  constructor(volume: Volume) {
    const mask = bodyOf(volume);
    const deep = deepPart(mask);
    keepLargeParts(deep, mask.grid.dims);
    this.#grid = mask.grid;
    this.#voxels = Uint32Array.from(indicesOf(deep));
  }

  /** Body voxels, 8 mm³ each. */
  get size(): number {
    return this.#voxels.length;
  }

  /**
   * Random points, uniform over the deep body and within the voxel, that `accept`.
   * @throws RangeError when there are none, or hardly any.
   */
  draw(count: number, seed: number, accept: (point: LpsPoint) => boolean): LpsPoint[] {
    const random = createRandom(seed, 'accuracy points');
    const [nx, ny] = this.#grid.dims;
    const points: LpsPoint[] = [];
    for (let draw = 0; points.length < count; draw++) {
      const voxel = this.#voxels[floor(random.uniform() * this.#voxels.length)];
      if (voxel === undefined || draw > count * DRAWS_PER_POINT)
        throw new RangeError(`only ${points.length} of ${count} points: too little body in view`);
      const jitter = (): number => random.between(-0.5, 0.5);
      const index = voxelIndex(
        (voxel % nx) + jitter(),
        (floor(voxel / nx) % ny) + jitter(),
        floor(voxel / (nx * ny)) + jitter(),
      );
      const [x, y, z] = toLps(this.#grid.voxelToLps, index);
      const point = lpsPoint(x, y, z);
      if (accept(point)) points.push(point);
    }
    return points;
  }
}

function* indicesOf(voxels: Uint8Array): Generator<number> {
  for (let at = 0; at < voxels.length; at++) if (voxels[at] === 1) yield at;
}
