/**
 * Rays from a point through an image, in AssemblyScript. server/src/lesion/change/rays.ts says what they are for; the module only
 * computes. The memory is one thread's own; ../layout.ts has its sizes.
 * @module
 */
import { bytes, doubles, shorts } from '../../wasm/assembly/lanes';
import { CORNERS_OF_PLACE, DIRECTIONS, RAYS, RAY_SAMPLES } from '../layout';
import { NOT_ACQUIRED, STEPS_PER_UNIT } from '../../pyramid/layout';

/** Unit vectors, f64: x, y, z of each. */
export const DIRECTION = memory.data(8 * 3 * DIRECTIONS, 16);
/** From offsets to continuous voxel indices, f64: for i, j, k the index of the point, and what x, y, z add. */
export const AFFINE = memory.data(8 * 12, 16);
/** Voxels of the image along i, j, k; words. */
export const SIZE = memory.data(4 * 3, 16);
/** Per ray the place that is read: its first voxel, or -1 out of view; fractions along i, j, k, f64; and the voxels around it, i16. */
export const FIRST_VOXEL = memory.data(4 * RAYS, 16);
const FRACTION = memory.data(8 * 3 * RAYS, 16);
export const CORNERS = memory.data(2 * CORNERS_OF_PLACE * RAYS, 16);
/** Values of all rays at one distance, then at the next, f64. NaN is out of view. */
export const SHELLS = memory.data(8 * RAYS * RAY_SAMPLES, 16);
/** Distance of the surface along each ray, mm, f64; NaN where none was found. */
export const SURFACE = memory.data(8 * RAYS, 16);
/** How many samples in a row are outside, per ray; words. */
const OUTSIDE = memory.data(4 * RAYS, 16);
/** Halfway to the middle of the surface, f64: x, y, z. */
export const SHIFT = memory.data(8 * 3, 16);
/** Numbers among which one is selected, f64. */
const RANKED = memory.data(8 * RAYS * RAY_SAMPLES, 16);

/** What was opened: rays, the first one's direction, and where they begin. */
let rays = 0;
let firstDirection = 0;
let fromX: f64 = 0;
let fromY: f64 = 0;
let fromZ: f64 = 0;

function number(at: usize, n: i32): f64 {
  return load<f64>(at + doubles(n));
}

function put(at: usize, n: i32, value: f64): void {
  store<f64>(at + doubles(n), value);
}

/** Part of a ray's direction along x, y or z. */
function along(ray: i32, axis: i32): f64 {
  return number(DIRECTION, 3 * (firstDirection + ray) + axis);
}

/** Opens `count` rays from an offset, mm. */
export function open(first: i32, count: i32, x: f64, y: f64, z: f64): void {
  rays = count;
  firstDirection = first;
  fromX = x;
  fromY = y;
  fromZ = z;
}

/** Index along an axis of the image at an offset. */
function indexAt(axis: i32, x: f64, y: f64, z: f64): f64 {
  const at = 4 * axis;
  const moved = number(AFFINE, at + 1) * x + number(AFFINE, at + 2) * y + number(AFFINE, at + 3) * z;
  return number(AFFINE, at) + moved;
}

/** The voxel that an index lies behind; -1 beyond the outer voxel centres. */
function voxelAt(index: f64, axis: i32): i32 {
  const size = load<i32>(SIZE + bytes(axis));
  if (!(index >= 0 && index <= <f64>(size - 1))) return -1;
  return min(<i32>index, max(size - 2, 0));
}

/** FIRST_VOXEL, FRACTION: where the rays are at a distance, mm. */
export function place(mm: f64): void {
  const toJ = load<i32>(SIZE);
  const toK = toJ * load<i32>(SIZE, 4);
  for (let ray = 0; ray < rays; ray++) {
    const x = fromX + mm * along(ray, 0);
    const y = fromY + mm * along(ray, 1);
    const z = fromZ + mm * along(ray, 2);
    const atI = indexAt(0, x, y, z);
    const atJ = indexAt(1, x, y, z);
    const atK = indexAt(2, x, y, z);
    const i = voxelAt(atI, 0);
    const j = voxelAt(atJ, 1);
    const k = voxelAt(atK, 2);
    put(FRACTION, 3 * ray, atI - <f64>i);
    put(FRACTION, 3 * ray + 1, atJ - <f64>j);
    put(FRACTION, 3 * ray + 2, atK - <f64>k);
    store<i32>(FIRST_VOXEL + bytes(ray), (i | j | k) < 0 ? -1 : i + toJ * j + toK * k);
  }
}

function corner(at: usize, n: i32): f64 {
  return <f64>load<i16>(at + shorts(n));
}

/** Bilinear value of four of a place's voxels, steps. */
function planeAt(at: usize, x: f64, y: f64): f64 {
  const near = corner(at, 0) * (1 - x) + corner(at, 1) * x;
  const far = corner(at, 2) * (1 - x) + corner(at, 3) * x;
  return near * (1 - y) + far * y;
}

/** Trilinear value of a ray's place, registration units; NaN out of view, and beside what was not acquired. */
function valueOf(ray: i32): f64 {
  if (load<i32>(FIRST_VOXEL + bytes(ray)) < 0) return NaN;
  const at = CORNERS + shorts(CORNERS_OF_PLACE * ray);
  if (v128.any_true(i16x8.eq(v128.load(at), i16x8.splat(<i16>NOT_ACQUIRED)))) return NaN;
  const x = number(FRACTION, 3 * ray);
  const y = number(FRACTION, 3 * ray + 1);
  const z = number(FRACTION, 3 * ray + 2);
  const near = planeAt(at, x, y);
  const far = planeAt(at + shorts(4), x, y);
  return (near * (1 - z) + far * z) / <f64>STEPS_PER_UNIT;
}

/** Writes a shell from the CORNERS of the places. */
export function interpolate(shell: i32): void {
  const at = SHELLS + doubles(shell * rays);
  for (let ray = 0; ray < rays; ray++) put(at, ray, valueOf(ray));
}

/** The number of a rank among the first of RANKED, which are moved (Hoare 1961). */
function select(count: i32, rank: i32): f64 {
  let low = 0;
  let high = count - 1;
  while (low < high) {
    const pivot = number(RANKED, rank);
    let left = low;
    let right = high;
    while (left <= right) {
      while (number(RANKED, left) < pivot) left++;
      while (number(RANKED, right) > pivot) right--;
      if (left > right) break;
      const moved = number(RANKED, left);
      put(RANKED, left++, number(RANKED, right));
      put(RANKED, right--, moved);
    }
    if (rank > right) low = left;
    if (rank < left) high = right;
  }
  return number(RANKED, rank);
}

/** The middle one of `count` numbers; those out of view do not count. */
function medianOf(at: usize, count: i32): f64 {
  let found = 0;
  for (let n = 0; n < count; n++) {
    const value = number(at, n);
    if (!isNaN<f64>(value)) put(RANKED, found++, value);
  }
  return found > 0 ? select(found, found >> 1) : NaN;
}

/** The median of shells that follow each other. */
export function medianOfShells(first: i32, count: i32): f64 {
  return medianOf(SHELLS + doubles(first * rays), count * rays);
}

/** The median over the rays of how much two shells differ. */
export function medianDifference(a: i32, b: i32): f64 {
  let found = 0;
  for (let ray = 0; ray < rays; ray++) {
    const difference = abs<f64>(number(SHELLS, a * rays + ray) - number(SHELLS, b * rays + ray));
    if (!isNaN<f64>(difference)) put(RANKED, found++, difference);
  }
  return found > 0 ? select(found, found >> 1) : NaN;
}

/** No ray has found the surface. */
export function openSurface(): void {
  for (let ray = 0; ray < rays; ray++) {
    put(SURFACE, ray, NaN);
    store<i32>(OUTSIDE + bytes(ray), 0);
  }
}

function differenceAt(ray: i32, shell: i32, core: f64): f64 {
  return abs<f64>(number(SHELLS, shell * rays + ray) - core);
}

/**
 * Follows the rays that have not found the surface to the next shell: they have when they were outside for so many samples.
 * @param limit what is outside differs from the core by more
 * @returns how many rays go on
 */
export function follow(shell: i32, core: f64, limit: f64, stepMm: f64, outsideMm: f64): i32 {
  let open = 0;
  for (let ray = 0; ray < rays; ray++) {
    if (!isNaN<f64>(number(SURFACE, ray))) continue;
    const count = differenceAt(ray, shell, core) > limit ? load<i32>(OUTSIDE + bytes(ray)) + 1 : 0;
    store<i32>(OUTSIDE + bytes(ray), count);
    if (<f64>count * stepMm < outsideMm) {
      open++;
      continue;
    }
    const first = shell - count + 1;
    const inner = differenceAt(ray, first - 1, core);
    const outer = differenceAt(ray, first, core);
    const share = outer > inner ? min(max((limit - inner) / (outer - inner), 0), 1) : 0;
    put(SURFACE, ray, (<f64>(first - 1) + share) * stepMm);
  }
  return open;
}

/** Removes from SURFACE what is farther than so many medians. @returns how many rays have it still; {@link distanceAt} ranks them */
export function closeSurface(leak: f64): i32 {
  const farthest = leak * medianOf(SURFACE, rays);
  let found = 0;
  for (let ray = 0; ray < rays; ray++) {
    const mm = number(SURFACE, ray);
    if (mm <= farthest) put(RANKED, found++, mm);
    else put(SURFACE, ray, NaN);
  }
  return found;
}

/** The distance of a rank among the `found` ones of {@link closeSurface}; NaN where there is none. */
export function distanceAt(found: i32, rank: i32): f64 {
  return rank < found ? select(found, rank) : NaN;
}

/** SHIFT: from where the rays begin halfway to the middle of the surface; where none was found, it counts as `otherwise` mm away. */
export function shiftToMiddle(otherwise: f64): void {
  for (let axis = 0; axis < 3; axis++) {
    let sum: f64 = 0;
    for (let ray = 0; ray < rays; ray++) {
      const mm = number(SURFACE, ray);
      // Three times the mean is the whole way for a sphere seen from near its middle.
      sum += (1.5 * (isNaN<f64>(mm) ? otherwise : mm) * along(ray, axis)) / <f64>rays;
    }
    put(SHIFT, axis, sum);
  }
}
