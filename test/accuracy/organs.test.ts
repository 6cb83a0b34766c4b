import { centroids, compactOnly, extremes, heldBack, sharedPoints } from './organs.ts';
import { volumeOf } from './testing.ts';

/** Label 1: a block of 11 x 5 x 3 voxels from (2, 1, 1); label 5 (oesophagus): a column; label 7: two voxels. */
const labels = volumeOf([16, 8, 6], [2, 3, 4], [-10, 20, 100], (i, j, k) => {
  if (i >= 2 && i <= 12 && j >= 1 && j <= 5 && k >= 1 && k <= 3) return 1;
  if (i === 14 && j === 6) return 5;
  return j === 7 && k === 0 && i < 2 ? 7 : 0;
});

describe('organ points', () => {
  it('finds centroids in the patient, mm', () => {
    const found = centroids(labels);
    expect([...found.keys()].sort()).toEqual(['1', '5', '7']);
    // Middle voxel (7, 3, 2).
    expect(found.get('1')).toEqual([4, 29, 108]);
    expect(found.get('5')).toEqual([18, 38, 110]);
  });

  it('finds the ends of compact organs: not of a column, not of a stray contour', () => {
    const found = extremes(labels);
    expect([...found.keys()]).toEqual(['1 x-', '1 x+', '1 y-', '1 y+', '1 z-', '1 z+']);
    // A tenth of 165 voxels is 17: the 15 of the first column and 2 of the next.
    expect(found.get('1 x-')?.[0]).toBeCloseTo(-6 + (2 * 2) / 17, 9);
    expect(found.get('1 x+')?.[0]).toBeCloseTo(14 - (2 * 2) / 17, 9);
    expect(found.get('1 z+')?.[2]).toBeCloseTo(112, 9);
  });

  it('knows which centroids are anatomy: not that of an oesophagus', () => {
    expect([...compactOnly(centroids(labels)).keys()].sort()).toEqual(['1', '7']);
  });

  it('pairs the organs that both have', () => {
    const query = centroids(labels);
    const target = new Map([...query].filter(([name]) => name !== '5'));
    expect(sharedPoints(query, target)).toHaveLength(2);
  });
});

describe('heldBack', () => {
  it('selects every tenth by name, the tenth first', () => {
    const names = Array.from({ length: 25 }, (_, n) => `p${String(n).padStart(2, '0')}`).reverse();
    expect(heldBack(names, 10)).toEqual(['p09', 'p19']);
  });
});
