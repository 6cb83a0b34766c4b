/**
 * Regions of voxels: masks of 0 and 1 on a grid (z, y, x; x fastest), their layers and their connected parts.
 * @module
 */
import type { TensorDims } from './preprocess.ts';

/** Removes the outer layer; the border of the grid is no surface, so a body cut by the field of view stays. */
export function erode(mask: Uint8Array, dims: TensorDims): Uint8Array {
  const result = mask.slice();
  for (const { first, end, step } of neighbours(dims)) {
    for (let voxel = first; voxel < end; voxel += 1) {
      result[voxel] = (result[voxel] ?? 0) & (mask[voxel + step] ?? 0);
      result[voxel + step] = (result[voxel + step] ?? 0) & (mask[voxel] ?? 0);
    }
  }
  return result;
}

/** Adds one layer of those voxels that are set in `within`. */
export function dilateWithin(mask: Uint8Array, within: Uint8Array, dims: TensorDims): Uint8Array {
  const result = mask.slice();
  for (const { first, end, step } of neighbours(dims)) {
    for (let voxel = first; voxel < end; voxel += 1) {
      const next = voxel + step;
      result[next] = (result[next] ?? 0) | ((mask[voxel] ?? 0) & (within[next] ?? 0));
      result[voxel] = (result[voxel] ?? 0) | ((mask[next] ?? 0) & (within[voxel] ?? 0));
    }
  }
  return result;
}

/** Runs of voxels `first` to `end` (exclusive), each of which shares a face with the voxel `step` farther on: every pair once. */
function* neighbours([nz, ny, nx]: TensorDims): Generator<{ first: number; end: number; step: number }> {
  const plane = ny * nx;
  for (let row = 0; row < nz * ny; row += 1) yield { first: row * nx, end: (row + 1) * nx - 1, step: 1 };
  for (let z = 0; z < nz; z += 1) yield { first: z * plane, end: (z + 1) * plane - nx, step: nx };
  yield { first: 0, end: (nz - 1) * plane, step: plane };
}

/** Labels the 6-connected part of a seed; returns its size. `queue` has an element per voxel. */
function flood(
  seed: number,
  label: number,
  mask: Uint8Array,
  labels: Int32Array,
  queue: Int32Array,
  [nz, ny, nx]: TensorDims,
): number {
  const plane = ny * nx;
  let length = 0;
  const add = (voxel: number): void => {
    if (mask[voxel] !== 1 || labels[voxel] !== 0) return;
    labels[voxel] = label;
    queue[length++] = voxel;
  };
  add(seed);
  for (let head = 0; head < length; head += 1) {
    const voxel = queue[head] ?? 0;
    const x = voxel % nx;
    const inPlane = voxel % plane;
    if (x > 0) add(voxel - 1);
    if (x < nx - 1) add(voxel + 1);
    if (inPlane >= nx) add(voxel - nx);
    if (inPlane < plane - nx) add(voxel + nx);
    if (voxel >= plane) add(voxel - plane);
    if (voxel < (nz - 1) * plane) add(voxel + plane);
  }
  return length;
}

/** A connected part: its voxels, and the number that they have in `labels`. */
export interface Part {
  readonly voxels: Int32Array;
  readonly label: number;
  readonly labels: Int32Array;
}

/** The 6-connected parts of a mask, one after the other: the next one overwrites `voxels`. */
export function* partsOf(mask: Uint8Array, dims: TensorDims): Generator<Part> {
  const labels = new Int32Array(mask.length);
  const queue = new Int32Array(mask.length);
  let label = 0;
  for (let seed = 0; seed < mask.length; seed += 1) {
    if (mask[seed] !== 1 || labels[seed] !== 0) continue;
    label += 1;
    const size = flood(seed, label, mask, labels, queue, dims);
    yield { voxels: queue.subarray(0, size), label, labels };
  }
}

/**
 * Sets what the border of its axial slice cannot reach: lungs, bowel gas. Slice by slice, because at the upper and lower
 * end of the scan the lungs are open to the border of the volume.
 */
export function fillAxialHoles(mask: Uint8Array, dims: TensorDims): void {
  const air = new Uint8Array(mask.length);
  for (let voxel = 0; voxel < mask.length; voxel += 1) air[voxel] = 1 - (mask[voxel] ?? 0);
  const outside = reachedFromBorders(air, dims);
  for (let voxel = 0; voxel < mask.length; voxel += 1) mask[voxel] = 1 - (outside[voxel] ?? 0);
}

/** 1 for the voxels of a mask that the border of their axial slice reaches within it. */
export function reachedFromBorders(mask: Uint8Array, [nz, ny, nx]: TensorDims): Uint8Array {
  const plane = ny * nx;
  const reached = new Uint8Array(mask.length);
  const labels = new Int32Array(plane);
  const queue = new Int32Array(plane);
  for (let first = 0; first < nz * plane; first += plane) {
    const slice = mask.subarray(first, first + plane);
    labels.fill(0);
    for (const seed of borderOf(ny, nx))
      if (slice[seed] === 1 && labels[seed] === 0) flood(seed, 1, slice, labels, queue, [1, ny, nx]);
    reached.set(labels, first);
  }
  return reached;
}

/** Indices of the border voxels of a slice; the corners come twice. */
function* borderOf(ny: number, nx: number): Generator<number> {
  for (let x = 0; x < nx; x += 1) {
    yield x;
    yield (ny - 1) * nx + x;
  }
  for (let y = 0; y < ny; y += 1) {
    yield y * nx;
    yield y * nx + nx - 1;
  }
}
