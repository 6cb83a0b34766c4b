import { fitHuber } from './huber.ts';
import { fitLinear } from './leastSquares.ts';

/** Brownlee's stack loss plant data: air flow, water temperature, acid concentration; loss. */
const STACK_LOSS: readonly (readonly [number, number, number, number])[] = [
  [80, 27, 89, 42],
  [80, 27, 88, 37],
  [75, 25, 90, 37],
  [62, 24, 87, 28],
  [62, 22, 87, 18],
  [62, 23, 87, 18],
  [62, 24, 93, 19],
  [62, 24, 93, 20],
  [58, 23, 87, 15],
  [58, 18, 80, 14],
  [58, 18, 89, 14],
  [58, 17, 88, 13],
  [58, 18, 82, 11],
  [58, 19, 93, 12],
  [50, 18, 89, 8],
  [50, 18, 86, 7],
  [50, 19, 72, 8],
  [50, 19, 79, 8],
  [50, 20, 80, 9],
  [56, 20, 82, 15],
  [70, 20, 91, 15],
];
const X = STACK_LOSS.map(([a, b, c]) => [a, b, c] as const);
const Y = STACK_LOSS.map(([, , , y]) => y);

describe('regression', () => {
  it('gives the published least squares fit of the stack loss data', () => {
    // R's help page of `stackloss`: -39.9197, 0.7156, 1.2953, -0.1521.
    const { slopes, offset } = fitLinear(
      X,
      Y,
      X.map(() => 1),
    );
    expect(offset).toBeCloseTo(-39.9197, 4);
    expect(slopes[0]).toBeCloseTo(0.7156, 4);
    expect(slopes[1]).toBeCloseTo(1.2953, 4);
    expect(slopes[2]).toBeCloseTo(-0.1521, 4);
  });

  it('gives the published Huber fit of the stack loss data', () => {
    // statsmodels' documentation of RLM with HuberT: -41.02649835, 0.82938433, 0.92606597, -0.12784672.
    const { slopes, offset } = fitHuber(X, Y);
    expect(offset).toBeCloseTo(-41.02649835, 5);
    expect(slopes[0]).toBeCloseTo(0.82938433, 6);
    expect(slopes[1]).toBeCloseTo(0.92606597, 6);
    expect(slopes[2]).toBeCloseTo(-0.12784672, 6);
  });

  it('is not moved by a few gross errors', () => {
    const points = Array.from({ length: 20 }, (_, n) => [n % 3, (n * 7) % 5, (n * 3) % 4] as const);
    const values = points.map(([x, y, z], n) => 2 * x - y + 0.5 * z + 3 + (n % 7 === 0 ? 100 : 0));
    const { slopes, offset } = fitHuber(points, values);
    expect([...slopes, offset].map((value) => Math.round(value * 1e6) / 1e6)).toEqual([2, -1, 0.5, 3]);
  });

  it('chooses the slopes of least norm where the points lie in a plane', () => {
    const points = [
      [0, 0, 5],
      [1, 0, 5],
      [0, 1, 5],
      [1, 1, 5],
    ] as const;
    const { slopes, offset } = fitHuber(points, [1, 3, 4, 6]);
    expect(slopes.map((value) => Math.round(value * 1e9) / 1e9)).toEqual([2, 3, 0]);
    expect(offset).toBeCloseTo(1, 9);
  });
});
