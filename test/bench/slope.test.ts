import { slopeOf } from './slope.ts';

describe('slopeOf', () => {
  it('is that of a line, also with noise around it, and 0 where there is none', () => {
    expect(slopeOf([1, 2, 3, 4].map((x) => [x, 7 - 2 * x]))).toBeCloseTo(-2);
    expect(slopeOf([0, 1, 2, 3].map((x) => [x, 5 + 3 * x + (x % 3 === 0 ? 1 : -1)]))).toBeCloseTo(3);
    expect(slopeOf([[1, 5]])).toBe(0);
    expect(slopeOf([])).toBe(0);
  });
});
