/** Where a thread sorts. */
let scratch = new Float64Array(1024);

/** The middle value; those out of view (NaN) do not count. */
export function median(values: ArrayLike<number>): number {
  if (values.length > scratch.length) scratch = new Float64Array(values.length);
  scratch.set(values);
  // Numbers of a typed array are sorted without a call for each comparison, and NaN after all others.
  const sorted = scratch.subarray(0, values.length).sort();
  let count = sorted.length;
  while (count > 0 && Number.isNaN(sorted[count - 1])) count--;
  return count === 0 ? NaN : (sorted[count >> 1] ?? NaN);
}
