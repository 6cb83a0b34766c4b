/**
 * Least and largest value around each voxel, slice by slice: only the slices within reach are in memory.
 * @module
 */

type Three = readonly [number, number, number];

/** A slice with the range of the values in the box around each of its voxels. */
interface SliceRange {
  readonly own: Float32Array;
  readonly low: Float32Array;
  readonly high: Float32Array;
}

/**
 * @param slices of the rows and columns of the grid; NaN: none, which no range counts
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
    while (first + near.length <= Math.min(k + rk, nk - 1)) {
      const next = slices.next();
      if (next.done === true) return;
      near.push(rangeInPlane(next.value, ni, [ri, rj]));
    }
    while (first < k - rk) {
      near.shift();
      first++;
    }
    const own = near[k - first];
    if (own === undefined) return;
    yield {
      own: own.own,
      low: near.reduce((low, slice) => leastOf(low, slice.low), own.low),
      high: near.reduce((high, slice) => largestOf(high, slice.high), own.high),
    };
  }
}

/** Ranges within a slice: along its rows, then along its columns. */
function rangeInPlane(own: Float32Array, ni: number, [ri, rj]: readonly [number, number]): SliceRange {
  let [low, high] = [own, own];
  const columnOf = (at: number): number => at % ni;
  const rowOf = (at: number): number => Math.floor(at / ni);
  for (let step = 1; step <= ri; step++) {
    low = withShifted(low, own, step, rowOf, leastOf);
    high = withShifted(high, own, step, rowOf, largestOf);
  }
  const [rowsLow, rowsHigh] = [low, high];
  for (let step = 1; step <= rj; step++) {
    low = withShifted(low, rowsLow, step * ni, columnOf, leastOf);
    high = withShifted(high, rowsHigh, step * ni, columnOf, largestOf);
  }
  return { own, low, high };
}

/** Combines values with those of the voxels `offset` before and behind that lie in the same line. */
function withShifted(
  values: Float32Array,
  of: Float32Array,
  offset: number,
  lineOf: (at: number) => number,
  combine: (a: Float32Array, b: Float32Array) => Float32Array,
): Float32Array {
  const shifted = (by: number): Float32Array =>
    Float32Array.from(of, (_, at) => {
      const from = at + by;
      return from >= 0 && from < of.length && lineOf(from) === lineOf(at) ? (of[from] ?? NaN) : NaN;
    });
  return combine(combine(values, shifted(offset)), shifted(-offset));
}

function leastOf(a: Float32Array, b: Float32Array): Float32Array {
  return a === b
    ? a
    : Float32Array.from(a, (x, at) => (x <= (b[at] ?? NaN) || Number.isNaN(b[at]) ? x : (b[at] ?? NaN)));
}

function largestOf(a: Float32Array, b: Float32Array): Float32Array {
  return a === b
    ? a
    : Float32Array.from(a, (x, at) => (x >= (b[at] ?? NaN) || Number.isNaN(b[at]) ? x : (b[at] ?? NaN)));
}
