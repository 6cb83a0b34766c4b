import fc from 'fast-check';
import { distanceMm, lpsPoint } from '../../geometry/index.ts';
import { evenly } from '../../geometry/testing/evenly.ts';
import { PLACES, queryEmbedding, targetEmbedding, toTarget } from '../../matching/testing/affinePair.ts';
import { applyTo } from '../../affineRegistration/index.ts';
import { adam, addDiffusion } from './adam.ts';
import { boxed } from './instance.ts';
import { STAGE_OF } from './index.ts';
import { cornersIn, movedBy } from './lattice.ts';
import { STAGES } from '../types.ts';

const model = { id: queryEmbedding.modelId, version: '1', matching: {} };

describe('Adam', () => {
  it('finds the least value of a bowl', () => {
    const values = Float32Array.of(3, -2);
    adam(values, { learningRate: 0.05, steps: 600 }, ([x, y], gradient) => {
      gradient.set([2 * (x! - 1), 8 * (y! - 0.5)]);
    });
    expect(values[0]).toBeCloseTo(1, 2);
    expect(values[1]).toBeCloseTo(0.5, 2);
  });
});

describe('the diffusion penalty', () => {
  const DIMS = [3, 2, 2] as const;
  const penalty = (values: Float32Array): number => {
    const strides = [1, 3, 6];
    return strides.reduce((sum, stride, axis) => {
      const pairs = [...Array(12).keys()].filter(
        (node) => Math.floor(node / stride) % DIMS[axis]! < DIMS[axis]! - 1,
      );
      const squares = pairs.flatMap((node) =>
        [0, 1, 2].map((c) => (values[3 * (node + stride) + c]! - values[3 * node + c]!) ** 2),
      );
      return sum + squares.reduce((a, b) => a + b, 0) / squares.length / 3;
    }, 0);
  };

  it('has the gradient of its value', () => {
    fc.assert(
      fc.property(fc.array(evenly(-1, 1), { minLength: 36, maxLength: 36 }), fc.nat(35), (numbers, at) => {
        const values = Float32Array.from(numbers);
        const gradient = new Float32Array(36);
        addDiffusion(DIMS, values, 5, gradient);
        const around = (by: number): number => 5 * penalty(values.with(at, values[at]! + by));
        expect(gradient[at]).toBeCloseTo((around(0.01) - around(-0.01)) / 0.02, 3);
      }),
    );
  });
});

describe('a lattice', () => {
  it('interpolates what is linear exactly', () => {
    const grid = { dims: [3, 3, 3] as const, voxelToLps: [4, 0, 0, 1, 0, 5, 0, 2, 0, 0, 6, 3] as const };
    const values = Float32Array.from({ length: 81 }, (_, n) =>
      n % 3 === 0 ? 4 * (Math.floor(n / 3) % 3) : 0,
    );
    fc.assert(
      fc.property(evenly(1, 9), evenly(2, 12), evenly(3, 15), (x, y, z) => {
        const lps = lpsPoint(x, y, z);
        const [moved] = movedBy(lps, cornersIn(grid)(lps), values, 2);
        expect(moved).toBeCloseTo(x + 2 * (x - 1), 4);
      }),
    );
  });
});

describe('box smoothing', () => {
  it('keeps what is constant, and spreads a peak over three nodes along each axis', () => {
    const constant = new Float32Array(3 * 27).fill(2);
    for (const value of boxed(constant, [3, 3, 3], 3)) expect(value).toBeCloseTo(2, 5);
    const peak = new Float32Array(3 * 125);
    peak[3 * 62] = 27;
    const spread = boxed(peak, [5, 5, 5], 1);
    expect(spread[3 * 62]).toBeCloseTo(1, 5);
    expect(spread.filter((value) => value > 0.5)).toHaveLength(27);
  });
});

/** What a stage may err on a stretched pair of 4 mm voxels, mm. */
const TOLERANCE_MM = { affine: 3, same: 2, 'samconvex-features': 2, samconvex: 2, field: 2 } as const;

const PAIR = { query: queryEmbedding, target: targetEmbedding, model };
const results = new Map(STAGES.map((stage) => [stage, STAGE_OF[stage](PAIR)!]));

describe.each(STAGES)('the stage %s', (stage) => {
  const result = results.get(stage)!;

  it('finds the map of a moved and stretched pair', () => {
    for (const place of PLACES) {
      const found = result.placeOf?.(place) ?? applyTo(result.affine, place);
      expect(distanceMm(found, toTarget(place))).toBeLessThan(TOLERANCE_MM[stage]);
    }
  });

  it('says what it rests on', () => {
    expect(result.kept).toBeLessThanOrEqual(result.tried);
    expect(Object.values(result.parameters).every(Number.isFinite)).toBe(true);
  });
});

describe('images', () => {
  it('are compared by samconvex where they are of one modality', () => {
    const mr = { ...targetEmbedding, volume: { ...targetEmbedding.volume, modality: 'MR' as const } };
    expect(STAGE_OF.samconvex({ ...PAIR, target: mr })!.parameters).not.toHaveProperty('imageNodeMm');
    expect(results.get('samconvex')!.parameters).toHaveProperty('imageNodeMm');
    expect(results.get('samconvex-features')!.parameters).not.toHaveProperty('imageNodeMm');
  });
});
