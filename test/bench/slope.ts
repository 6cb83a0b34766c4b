/** Slope of the straight line through points, by least squares; 0 where there are fewer than two. */
export function slopeOf(points: readonly (readonly [x: number, y: number])[]): number {
  const mean = (values: readonly number[]): number =>
    values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
  const [x0, y0] = [mean(points.map(([x]) => x)), mean(points.map(([, y]) => y))];
  let [xy, xx] = [0, 0];
  for (const [x, y] of points) {
    xy += (x - x0) * (y - y0);
    xx += (x - x0) ** 2;
  }
  return xx === 0 ? 0 : xy / xx;
}
