import { compose, distanceMm, invert, lpsPoint, toLps, voxelIndex } from '../../geometry/index.ts';
import type { Affine, LpsPoint } from '../../geometry/index.ts';
import { createMatcher } from '../matcher.ts';
import type { PointMatcher } from '../matcher.ts';
import { gridOf, SYNTHETIC_MODEL, syntheticEmbedding } from '../pool/syntheticEmbedding.ts';
import { PLACES, queryEmbedding, targetEmbedding, toTarget } from '../testing/affinePair.ts';
import { decodeField, encodeField } from '../../fieldFormat/encoding.ts';
import { errorRadiusAt, mappedBy } from '../../deformation/lattice.ts';
import type { DeformationField } from '../../deformation/types.ts';

/** A turn by 90 degrees about the head-foot axis, and a shift. */
const TURN: Affine = [0, 1, 0, 20, -1, 0, 0, 5, 0, 0, 1, -40];

describe('the map of a pair', () => {
  let matcher: PointMatcher;
  let field: DeformationField;
  const request = { query: queryEmbedding, target: targetEmbedding, model: SYNTHETIC_MODEL };

  beforeAll(async () => {
    matcher = createMatcher({ threads: 0 });
    field = await matcher.deformation(request);
  });

  it('leads to the same places as the pair was made with, and back', () => {
    for (const place of PLACES) {
      const there = mappedBy(field.forward, place);
      expect(distanceMm(there, toTarget(place))).toBeLessThan(1.5);
      expect(distanceMm(mappedBy(field.inverse, there), place)).toBeLessThan(0.5);
    }
  });

  it('is what the method field answers', async () => {
    const points = PLACES.map((lps, n) => ({ id: String(n), lps }));
    const answers = await matcher.matchPoints({ ...request, points, method: 'field' });
    for (const [n, answer] of answers.entries()) {
      if (!answer.ok) throw answer.error;
      expect(distanceMm(mappedBy(field.forward, PLACES[n]!), answer.match.target.lps)).toBeLessThan(0.2);
    }
  });

  it('knows radii in the body where the place is in the target, and nowhere else', () => {
    for (const place of PLACES) expect(errorRadiusAt(field.forward, place)).toBeGreaterThan(0);
    // Its place lies beyond the last slice of the target.
    expect(errorRadiusAt(field.forward, lpsPoint(40, 50, 91.9))).toBeNaN();
    expect(field.quality.coveredShare).toBeLessThan(1);
    expect(field.quality.coveredShare).toBeGreaterThan(0.6);
  });

  it('has no folds, and claims nothing for a model without calibration', () => {
    expect(field.quality.foldingShare).toBe(0);
    expect(field.verdict).toBe('unsure');
    expect(field.model).toEqual({ id: 'synthetic', version: '1.0.0' });
  });

  it('leads to the world of the series where the target was embedded in a turned one', async () => {
    const turned = await matcher.deformation({ ...request, turn: TURN });
    const back = (lps: LpsPoint): LpsPoint => {
      // The inverse of TURN: x = 5 - y', y = x' - 20, z = z' + 40.
      const [x, y, z] = lps;
      return lpsPoint(5 - y, x - 20, z + 40);
    };
    for (const place of PLACES) {
      const there = mappedBy(turned.forward, place);
      expect(distanceMm(there, back(mappedBy(field.forward, place)))).toBeLessThan(0.1);
      expect(distanceMm(mappedBy(turned.inverse, there), place)).toBeLessThan(0.5);
      const affine = toLps(turned.affine, voxelIndex(place[0], place[1], place[2]));
      expect(distanceMm(affine, there)).toBeLessThan(3);
    }
    expect(turned.quality).toMatchObject({ foldingShare: 0 });
  });

  it('is refused of a mirror image', async () => {
    const turn: Affine = [-1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0];
    await expect(matcher.deformation({ ...request, turn })).rejects.toMatchObject({
      code: 'matching/mirrored-pair',
    });
  });

  describe('whose matches agree on no map', () => {
    const grid = gridOf([24, 24, 24], [4, 4, 4], [0, 0, 0]);
    const far = syntheticEmbedding({
      grid,
      toAnatomy: ([x, y, z]) => lpsPoint(7 * x + 900, 11 * z - 4000, 5 * y + 2000),
      name: '3',
    });

    it('is refused', async () => {
      await expect(matcher.deformation({ ...request, target: far })).rejects.toMatchObject({
        code: 'matching/no-common-region',
      });
    });

    it('is placed by a registration that somebody has made, and says so', async () => {
      const shift: Affine = [1, 0, 0, 3, 0, 1, 0, -2, 0, 0, 1, 5];
      const named = { sopInstanceUid: '1.2.3', manufacturer: 'Somebody' };
      for (const [turn, affine] of [
        [undefined, shift],
        [TURN, compose(invert(TURN), shift)],
      ] as const) {
        const placed = await matcher.deformation({
          ...request,
          turn,
          target: far,
          prior: { ...named, affine },
        });
        expect(placed).toMatchObject({ prior: named, verdict: 'unsure' });
        expect(decodeField(encodeField(placed))).toMatchObject({ prior: named });
        for (const place of PLACES) {
          const expected = toLps(affine, voxelIndex(place[0], place[1], place[2]));
          // Whatever the images say is near there.
          expect(distanceMm(mappedBy(placed.forward, place), expected)).toBeLessThan(15);
        }
      }
    });
  });

  it('is placed by its own matches where they agree, whatever somebody has made', async () => {
    const affine: Affine = [1, 0, 0, 500, 0, 1, 0, 0, 0, 0, 1, 0];
    const prior = { sopInstanceUid: '1.2.3', manufacturer: 'Somebody', affine };
    const placed = await matcher.deformation({ ...request, prior });
    expect(placed.prior).toBeUndefined();
    expect(placed.affine).toEqual(field.affine);
  });

  it('is refused of embeddings of two models', async () => {
    const target = { ...targetEmbedding, modelId: 'another' };
    await expect(matcher.deformation({ ...request, target })).rejects.toMatchObject({
      code: 'matching/different-models',
    });
  });

  it('survives its bytes', () => {
    const read = decodeField(encodeField(field))!;
    for (const place of PLACES)
      expect(distanceMm(mappedBy(read.forward, place), mappedBy(field.forward, place))).toBeLessThan(0.01);
  });
});
