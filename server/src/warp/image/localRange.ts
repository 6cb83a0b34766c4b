/**
 * Least and largest value around each voxel, slice by slice: only the slices within reach are in memory.
 * @module
 */

type Three = readonly [number, number, number];

/** A slice with the range of the values in the box around each of its voxels. */
interface SliceRange {
  readonly low: Float32Array;
  readonly high: Float32Array;
}

type Pick = (a: number, b: number) => number;
/** Both are NaN where one of their arguments is. */
const { min, max } = Math;

/**
 * @param slices of the rows and columns of the grid; a range is NaN where a value in it is. Beyond the grid there are no values.
 * @param reach voxels each way along i, j, k
 */
export function* rangesAround(
  slices: Iterator<Float32Array, void>,
  [ni, , nk]: Three,
  [ri, rj, rk]: Three,
): Generator<SliceRange, void> {
  const near: SliceRange[] = [];
  let first = 0;
  for (let k = 0; k < nk; k++) {
    while (first + near.length <= min(k + rk, nk - 1)) {
      const next = slices.next();
      if (next.done === true) return;
      near.push(rangeInPlane(next.value, ni, [ri, rj]));
    }
    while (first < k - rk) {
      near.shift();
      first++;
    }
    yield near.reduce((range, { low, high }) => ({
      low: combined(range.low, low, min),
      high: combined(range.high, high, max),
    }));
  }
}

/** Ranges within a slice: along its rows, then along its columns. */
function rangeInPlane(own: Float32Array, ni: number, [ri, rj]: readonly [number, number]): SliceRange {
  const along = (pick: Pick): Float32Array =>
    extremes(
      extremes(own, { stride: 1, count: ni, reach: ri }, pick),
      { ...columns(own, ni), reach: rj },
      pick,
    );
  return { low: along(min), high: along(max) };
}

function columns(values: Float32Array, ni: number): { readonly stride: number; readonly count: number } {
  return { stride: ni, count: values.length / ni };
}

/** The extreme of the values within reach along one axis. */
function extremes(
  values: Float32Array,
  { stride, count, reach }: { readonly stride: number; readonly count: number; readonly reach: number },
  pick: Pick,
): Float32Array {
  if (reach === 0) return values;
  const found = new Float32Array(values.length);
  for (let at = 0; at < values.length; at++) {
    const place = Math.floor(at / stride) % count;
    const last = at + min(reach, count - 1 - place) * stride;
    let extreme = values[at] ?? NaN;
    for (let other = at - min(reach, place) * stride; other <= last; other += stride)
      extreme = pick(extreme, values[other] ?? NaN);
    found[at] = extreme;
  }
  return found;
}

function combined(a: Float32Array, b: Float32Array, pick: Pick): Float32Array {
  const both = new Float32Array(a.length);
  for (let at = 0; at < both.length; at++) both[at] = pick(a[at] ?? NaN, b[at] ?? NaN);
  return both;
}
