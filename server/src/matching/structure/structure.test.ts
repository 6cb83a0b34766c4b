import { distanceMm, lpsPoint } from '../../geometry/index.ts';
import type { LpsPoint } from '../../geometry/index.ts';
import { fieldAt } from '../field/nodes.ts';
import { prepareField } from '../field/prepareField.ts';
import { matchRefined } from '../refined/matchRefined.ts';
import { searchSpaceOf } from '../searchSpace.ts';
import { gridOf, syntheticEmbedding } from '../syntheticEmbedding.ts';
import { robustAffine } from './affineFit.ts';
import { fieldOf, structureOf } from './structure.ts';

const GRID = gridOf([24, 24, 24], [4, 4, 4], [0, 0, 0]);
/** Target place of a query place: moved and stretched. */
const toTarget = ([x, y, z]: LpsPoint): LpsPoint => lpsPoint(1.05 * x + 6, y - 4, z + 3);
const toQuery = ([x, y, z]: LpsPoint): LpsPoint => lpsPoint((x - 6) / 1.05, y + 4, z - 3);

const query = searchSpaceOf(syntheticEmbedding({ grid: GRID }));
const target = searchSpaceOf(syntheticEmbedding({ grid: GRID, toAnatomy: toQuery, name: '2' }));
const PLACES = [lpsPoint(40, 50, 45), lpsPoint(55, 38, 60), lpsPoint(30, 61, 33)];

describe('structureOf', () => {
  const structure = structureOf(query, target);

  it('predicts every point of a pair that differs by an affine map', () => {
    for (const place of PLACES) {
      const found = structure && fieldOf(structure).at(place);
      expect(distanceMm(found?.lps ?? lpsPoint(NaN, 0, 0), toTarget(place))).toBeLessThan(2);
    }
  });

  it('extrapolates beyond the target', () => {
    const place = lpsPoint(92, 50, 50);
    const found = structure && fieldOf(structure).at(place);
    // Beyond x = 94, the last face of the target.
    expect(found?.lps[0]).toBeGreaterThan(96);
  });

  it('is the same when computed again', () => {
    expect(structureOf(query, target)).toEqual(structure);
  });
});

describe('robustAffine', () => {
  it('says that there is no map where matches go anywhere', () => {
    const scattered = Array.from({ length: 60 }, (_, n) => ({
      from: lpsPoint((n * 37) % 101, (n * 53) % 97, (n * 71) % 89),
      to: lpsPoint((n * 983) % 1009, (n * 787) % 1013, (n * 577) % 997),
      weight: 1,
      similarity: 0.5,
    }));
    expect(robustAffine(scattered)?.support ?? 0).toBeLessThan(0.25);
  });
});

describe('the methods on a known map', () => {
  /** A third of a voxel of these images: 4 mm, waves of 60 mm. */
  const TOLERANCE_MM = 1.3;

  it('refined: registers to a fraction of a voxel', () => {
    for (const place of PLACES) {
      const found = matchRefined(query, target, place);
      expect(found?.step).toBe('local');
      expect(distanceMm(found?.lps ?? lpsPoint(NaN, 0, 0), toTarget(place))).toBeLessThan(TOLERANCE_MM);
    }
  });

  it('field: is the map', () => {
    const { grid } = prepareField(query, target);
    for (const place of PLACES) {
      const found = grid && fieldAt(grid, place);
      expect(distanceMm(found?.lps ?? lpsPoint(NaN, 0, 0), toTarget(place))).toBeLessThan(TOLERANCE_MM);
    }
  });
});
