import type { ImageMap } from '../../embedding/types.ts';
import { spacingOf } from '../../geometry/index.ts';

/** An image to be registered: mapped intensities on a grid along the patient axes, low-passed for its spacing. */
export interface Level {
  readonly dims: readonly [number, number, number];
  /** Distance of neighbouring voxel centres along x, y, z, mm. */
  readonly spacing: readonly [number, number, number];
  /** Centre of the first voxel, LPS mm. */
  readonly origin: readonly [number, number, number];
  /** i fastest, then j, then k. */
  readonly values: Float32Array;
}

/** Where the slope of the intensity map changes, HU: fat and soft tissue, contrast agent included, lie between. */
const [SOFT_FROM_HU, SOFT_TO_HU] = [-150, 250];
/** Lung and air below, bone and metal above: their contrasts are ten times those of soft tissue and would drown them. */
const [LUNG_SLOPE, BONE_SLOPE] = [0.3, 0.3];
/** Values are clipped to these, HU. */
const [LEAST_HU, LARGEST_HU] = [-1000, 1500];
/** Range to which images without a calibrated scale are stretched: as wide as soft tissue is in CT. */
const RELATIVE_RANGE = 400;
const INT16_COUNT = 65_536;

/** HU to registration units: soft tissue 1 to 1, lung and bone compressed, so that all of them give gradients of like size. */
export function mapHu(hu: number): number {
  if (hu < SOFT_FROM_HU) return SOFT_FROM_HU + LUNG_SLOPE * ((hu < LEAST_HU ? LEAST_HU : hu) - SOFT_FROM_HU);
  if (hu > SOFT_TO_HU) return SOFT_TO_HU + BONE_SLOPE * ((hu > LARGEST_HU ? LARGEST_HU : hu) - SOFT_TO_HU);
  return hu;
}

/** Threads share levels. */
function sharedFloats(length: number): Float32Array {
  return new Float32Array(new SharedArrayBuffer(4 * length));
}

/** The level of an image's own grid, before any low pass. CT is mapped by {@link mapHu}, others are stretched to a common range. */
export function levelOf({ grid, values, scale }: ImageMap, isCt: boolean): Level {
  const mapped = sharedFloats(values.length);
  const factor = isCt ? scale : RELATIVE_RANGE / (largest(values) || 1);
  // Of every int16: looking up is three times as fast as mapping millions of voxels.
  const table = new Float32Array(INT16_COUNT);
  for (let n = 0; n < INT16_COUNT; n++) {
    const value = (n - INT16_COUNT / 2) * factor;
    table[n] = isCt ? mapHu(value) : value;
  }
  for (let at = 0; at < values.length; at++)
    mapped[at] = table[(values[at] as number) + INT16_COUNT / 2] as number;
  const { dims, voxelToLps: m } = grid;
  return { dims, spacing: spacingOf(m), origin: [m[3], m[7], m[11]], values: mapped };
}

function largest(values: Int16Array): number {
  let peak = 0;
  for (const value of values) peak = Math.max(peak, value);
  return peak;
}

/** Binomial low pass [1 2 1] / 4 along each axis (a Gaussian of 0.7 voxels), in place; the edge value continues. */
export function lowPass(level: Level): Level {
  const { values } = level;
  const [ni, nj, nk] = level.dims;
  filterRows(values, ni);
  filterStacks(values, ni, nj);
  filterStacks(values, ni * nj, nk);
  return level;
}

/** Along rows of `count` values. */
function filterRows(values: Float32Array, count: number): void {
  for (let start = 0; start < values.length; start += count) {
    const last = start + count - 1;
    let before = values[start] as number;
    let own = before;
    for (let at = start; at < last; at++) {
      const next = values[at + 1] as number;
      values[at] = 0.25 * before + 0.5 * own + 0.25 * next;
      before = own;
      own = next;
    }
    values[last] = 0.25 * before + 0.5 * own + 0.25 * own;
  }
}

/** Across `count` neighbouring rows or slices of `size` values: in the order of memory, several times faster than line by line. */
function filterStacks(values: Float32Array, size: number, count: number): void {
  const before = new Float32Array(size);
  for (let stack = 0; stack < values.length; stack += size * count) {
    before.set(values.subarray(stack, stack + size));
    for (let n = 0, at = stack; n < count; n++) {
      const toNext = n + 1 < count ? size : 0;
      for (let x = 0; x < size; x++, at++) {
        const own = values[at] as number;
        values[at] = 0.25 * (before[x] as number) + 0.5 * own + 0.25 * (values[at + toNext] as number);
        before[x] = own;
      }
    }
  }
}

/** Blocks of 2 x 2 x 2 averaged: half the resolution; an odd last plane is left out. */
export function halved(level: Level): Level {
  const [ni, nj] = level.dims;
  const dims = level.dims.map((n) => Math.max(n >> 1, 1)) as [number, number, number];
  const steps = level.dims.map((n) => (n > 1 ? 2 : 1)) as [number, number, number];
  const values = sharedFloats(dims[0] * dims[1] * dims[2]);
  const [di, dj, dk] = [steps[0] - 1, (steps[1] - 1) * ni, (steps[2] - 1) * ni * nj];
  const v = level.values;
  for (let k = 0, out = 0; k < dims[2]; k++) {
    for (let j = 0; j < dims[1]; j++) {
      for (let i = 0; i < dims[0]; i++, out++) {
        const at = (k * steps[2] * nj + j * steps[1]) * ni + i * steps[0];
        values[out] =
          ((v[at] as number) + (v[at + di] as number) + (v[at + dj] as number) + (v[at + di + dj] as number) +
            (v[at + dk] as number) + (v[at + dk + di] as number) + (v[at + dk + dj] as number) +
            (v[at + dk + dj + di] as number)) / 8; // prettier-ignore
      }
    }
  }
  const spacing = level.spacing.map((s, axis) => s * (steps[axis] as number)) as [number, number, number];
  const origin = level.origin.map(
    (o, axis) => o + ((level.spacing[axis] as number) * ((steps[axis] as number) - 1)) / 2,
  );
  return { dims, spacing, origin: origin as [number, number, number], values };
}
