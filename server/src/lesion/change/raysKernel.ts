/**
 * Opens the module of rays (server/src/lesion/wasm/rays.ts), with views of its memory.
 * @module
 */
import { openRays } from '../generated/raysModule.ts';
import type { RaysExports } from '../generated/raysModule.ts';
import { CORNERS_OF_PLACE, DIRECTIONS, RAY_SAMPLES, RAYS } from '../layout.ts';

/** One thread's module of rays and its memory, which the next calls overwrite. */
export interface RaysKernel {
  readonly run: RaysExports;
  /** x, y, z of each direction. */
  readonly directions: Float64Array;
  /** From offsets (mm) to continuous voxel indices: for i, j, k the index of the point, and what x, y, z add. */
  readonly affine: Float64Array;
  /** Voxels of the image along i, j, k. */
  readonly size: Int32Array;
  /** Per ray the first voxel of the place that is read, -1 out of view; and the eight voxels from it on. */
  readonly firstVoxel: Int32Array;
  readonly corners: Int16Array;
  /** Values of all rays at one distance, then at the next; NaN out of view. */
  readonly shells: Float64Array;
  /** Distance of the surface along each ray, mm; NaN where none was found. */
  readonly surface: Float64Array;
  /** Halfway to the middle of the surface, mm. */
  readonly shift: Float64Array;
}

/** A kernel of one's own. */
export function openRaysKernel(): RaysKernel {
  const run = openRays({});
  const { buffer } = run.memory;
  const doubles = (place: { readonly value: number }, length: number): Float64Array =>
    new Float64Array(buffer, place.value, length);
  return {
    run,
    directions: doubles(run.DIRECTION, 3 * DIRECTIONS),
    affine: doubles(run.AFFINE, 12),
    size: new Int32Array(buffer, run.SIZE.value, 3),
    firstVoxel: new Int32Array(buffer, run.FIRST_VOXEL.value, RAYS),
    corners: new Int16Array(buffer, run.CORNERS.value, CORNERS_OF_PLACE * RAYS),
    shells: doubles(run.SHELLS, RAYS * RAY_SAMPLES),
    surface: doubles(run.SURFACE, RAYS),
    shift: doubles(run.SHIFT, 3),
  };
}
