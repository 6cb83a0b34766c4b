import fc from 'fast-check';
import { createRandom } from './random.ts';
import { ellipsoid } from './shapes.ts';
import type { Part, Point } from './shapes.ts';
import { growTree } from './tree.ts';
import type { TreeSpec } from './tree.ts';

const ROOT: Point = [-55, 0, 0];
const ORGAN = ellipsoid([0, 0, 0], [60, 40, 50], { hu: 100, grainHu: 5 });
const LEAF_MM = 1.25;
/** A branch is thicker where it begins. */
const TAPER = 1.05;

function grown(seed: number, changes: Partial<TreeSpec> = {}): Part[] {
  const spec: TreeSpec = {
    root: ROOT,
    organ: ORGAN.depth,
    min: [-60, -40, -50],
    max: [60, 40, 50],
    endPoints: 20,
    marginMm: 7,
    leafRadiusMm: LEAF_MM,
    largestRadiusMm: 100,
    tissue: { hu: 168, grainHu: 3 },
    ...changes,
  };
  return growTree(spec, createRandom(seed, 'vessels'));
}

/** Radius of the tree at its root, mm. */
function radiusAtRoot(parts: readonly Part[], root = ROOT): number {
  return Math.max(...parts.map(({ depth }) => depth(...root)));
}

/** Voxels of 1 mm that the tree fills, by their place. */
function voxelsOf(parts: readonly Part[]): Set<string> {
  const filled = new Set<string>();
  for (const { min, max, depth } of parts)
    for (let z = Math.floor(min[2]); z <= max[2]; z++)
      for (let y = Math.floor(min[1]); y <= max[1]; y++)
        for (let x = Math.floor(min[0]); x <= max[0]; x++)
          if (depth(x, y, z) > 0) filled.add([x, y, z].join());
  return filled;
}

/** How many of them hang together with the one at a place. */
function connectedWith(start: Point, filled: ReadonlySet<string>): number {
  const seen = new Set([start.join()]);
  for (const voxel of seen) {
    const [x = NaN, y = NaN, z = NaN] = voxel.split(',').map(Number);
    for (let n = 0; n < 27; n++) {
      const next = [x + (n % 3) - 1, y + (Math.floor(n / 3) % 3) - 1, z + Math.floor(n / 9) - 1].join();
      if (filled.has(next)) seen.add(next);
    }
  }
  return seen.size;
}

describe('growTree', () => {
  it('has a bend and an end for each end point', () => {
    expect(grown(1)).toHaveLength(40);
    expect(grown(1, { endPoints: 0 })).toEqual([]);
  });

  it('hangs together with its root', () => {
    const filled = voxelsOf(grown(2));
    expect(filled.size).toBeGreaterThan(2_000);
    expect(connectedWith(ROOT, filled)).toBe(filled.size);
  });

  it('follows Murray’s law: a stem that splits in two has the cube of both', () => {
    const root: Point = [-100, 0, 0];
    const twoPlaces = (x: number, y: number, z: number): number => 3 - Math.hypot(x, Math.abs(y) - 60, z);
    const box = { min: [-3, -63, -3], max: [3, 63, 3] } as const;
    const trees = Array.from({ length: 10 }, (_, seed) =>
      grown(seed, { root, organ: twoPlaces, marginMm: 0, endPoints: 2, ...box }),
    );
    // One end on either side: the second one joins at the bend half way to the first one.
    const two = trees.find((parts) =>
      [60, -60].every((y) => parts.some(({ depth }) => depth(0, y, 0) > -4)),
    )!;
    expect(radiusAtRoot(two, root)).toBeCloseTo(TAPER * LEAF_MM * Math.cbrt(2), 9);
  });

  it('is as wide at its root as a whole number of end points, no more than it has', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 1, max: 30 }), (seed, endPoints) => {
        const ends = (radiusAtRoot(grown(seed, { endPoints })) / (TAPER * LEAF_MM)) ** 3;
        expect(ends).toBeCloseTo(Math.round(ends), 6);
        expect(Math.round(ends)).toBeGreaterThanOrEqual(1);
        expect(Math.round(ends)).toBeLessThanOrEqual(endPoints);
      }),
      { numRuns: 40 },
    );
  });

  it('is nowhere thicker than it may be', () => {
    expect(radiusAtRoot(grown(3))).toBeGreaterThan(TAPER * 1.5);
    expect(radiusAtRoot(grown(3, { largestRadiusMm: 1.5 }))).toBeCloseTo(TAPER * 1.5, 9);
  });

  it('keeps its ends from the surface of the organ', () => {
    const [marginMm, reach] = [15, TAPER * LEAF_MM * Math.cbrt(20)];
    for (const { min, max } of grown(5, { root: [0, 0, 0], marginMm })) {
      // Half the width of the organ, less the margin, and a bend of 8 % of the way to the side.
      expect(Math.max(-min[2], max[2])).toBeLessThan(50 - marginMm + 0.08 * 100 + reach + 1);
      expect(Math.max(-min[1], max[1])).toBeLessThan(40 - marginMm + 0.08 * 100 + reach + 1);
    }
  });

  it('gives up on an organ that is nowhere deep enough', () => {
    expect(grown(6, { marginMm: 100 })).toEqual([]);
  });

  it('grows the same tree from the same stream, and another one from another', () => {
    const depths = (seed: number): number[] => grown(seed).map(({ depth }) => depth(-20, 5, 5));
    expect(depths(7)).toEqual(depths(7));
    expect(depths(7)).not.toEqual(depths(8));
  });
});
