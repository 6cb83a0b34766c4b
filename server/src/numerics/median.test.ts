import { median } from './median.ts';

describe('median', () => {
  it('omits what is out of view', () => {
    expect(median([5, NaN, 1, 3])).toBe(3);
    expect(median([NaN])).toBeNaN();
  });
});
