import fc from 'fast-check';
import { affineFromColumns, distanceMm, lpsPoint } from '../../geometry/index.ts';
import { FEATURES } from '../../model/index.ts';
import { gridOf, syntheticEmbedding } from '../pool/syntheticEmbedding.ts';
import type { Found } from '../../matchMethods/types.ts';
import { errorRadiusMm, UNCALIBRATED } from './calibration.ts';
import { featuresOf, pairSpacingOf } from './features.ts';
import { judge } from './index.ts';
import { beyond, sidesOf } from './view.ts';

/** 16 x 15 x 14 voxels of 4 mm; the volume's faces are half a fine voxel outside of the centres. */
const TARGET = syntheticEmbedding({ grid: gridOf([16, 15, 14], [4, 4, 4], [-30, 10, 100]) }).volume;
const PAIR = { query: TARGET, target: TARGET };
const FACE = { left: 32, superior: 154 };

function found(changes: Partial<Found> = {}): Found {
  const lps = lpsPoint(0, 40, 120);
  const evidence = { sdMm: 0.5, predicted: lps, patchCorrelation: 0.9 };
  const runnerUp = { distanceMm: 40, similarity: 0.6 };
  return { lps, similarity: 0.95, cycleErrorMm: 0.5, step: 'local', runnerUp, evidence, ...changes };
}

const FINE = { sliceMm: 2, pixelMm: 1 };

describe('features', () => {
  it('have a name each', () => {
    expect(featuresOf(found(), FINE)).toHaveLength(FEATURES.length);
    const changed = featuresOf(found({ evidence: { ...found().evidence, spreadMm: 9 } }), FINE);
    expect(changed.map((value, n) => value !== featuresOf(found(), FINE)[n])).toEqual(
      FEATURES.map((name) => name === 'neighbours'),
    );
  });
});

describe('the voxels of a pair', () => {
  it('are as coarse as those of the coarser scan', () => {
    const thick = { voxelToLps: affineFromColumns([0.8, 0, 0], [0, 0.8, 0], [0, -3, 4], [0, 0, 0]) };
    const thin = { voxelToLps: affineFromColumns([2, 0, 0], [0, 2, 0], [0, 0, 1], [0, 0, 0]) };
    expect(pairSpacingOf(thin, thick).sliceMm).toBeCloseTo(5, 10);
    expect(pairSpacingOf(thin, thick).pixelMm).toBe(2);
    expect(pairSpacingOf(thick, thick).pixelMm).toBe(0.8);
  });

  it.each([
    ['sliceMm', 'slices'],
    ['pixelMm', 'pixels'],
  ] as const)('count from the size of the working voxels on (%s)', (side, feature) => {
    const of = (mm: number) => featuresOf(found(), { ...FINE, [side]: mm })[FEATURES.indexOf(feature)];
    expect(of(2)).toBe(0);
    expect(of(0.6)).toBe(0);
    expect(of(5)).toBeCloseTo(Math.log(2.5), 10);
  });
});

describe('the error radius', () => {
  const positive = fc.double({ min: 0, max: 60, noNaN: true });

  it('never shrinks when the cycle error grows, or when the similarity falls', () => {
    fc.assert(
      fc.property(
        positive,
        positive,
        fc.double({ min: -1, max: 1, noNaN: true }),
        (near, more, similarity) => {
          const radius = (changes: Partial<Found>): number =>
            errorRadiusMm(found(changes), FINE, UNCALIBRATED);
          expect(radius({ cycleErrorMm: near + more })).toBeGreaterThanOrEqual(
            radius({ cycleErrorMm: near }),
          );
          expect(radius({ similarity: similarity - 0.1 })).toBeGreaterThanOrEqual(radius({ similarity }));
        },
      ),
    );
  });

  it('is the size of the error times the quantile', () => {
    const coefficients = {
      cycle: 0,
      dissimilarity: 2,
      rivalry: 0,
      spread: 0,
      disagreement: 0,
      patchMismatch: 0,
    };
    const calibration = {
      intercept: 0.1,
      coefficients,
      steps: { local: -0.3 },
      quantile: 2.5,
      matchedRadiusMm: 9,
      matchedSimilarity: 0.5,
    };
    // exp(0.1 - 0.3 + 2 * 0.25) * 2.5
    expect(errorRadiusMm(found({ similarity: 0.75 }), FINE, calibration)).toBeCloseTo(3.374647, 5);
  });
});

describe('the verdict', () => {
  it('is matched for an answer that everything supports', () => {
    const judgement = judge(found(), PAIR, UNCALIBRATED);
    expect(judgement.verdict).toBe('matched');
    expect(judgement.lps).toEqual(found().lps);
  });

  it.each([
    ['a cycle that ends at another place', { cycleErrorMm: 25 }],
    ['a similarity that any body part gives', { similarity: 0.5 }],
  ])('is uncertain for %s', (_, changes) => {
    expect(judge(found(changes), PAIR, UNCALIBRATED).verdict).toBe('uncertain');
  });

  it('is uncertain without a calibration, whatever the answer looks like', () => {
    expect(judge(found(), PAIR).verdict).toBe('uncertain');
    expect(judge(found({ similarity: 0.4, cycleErrorMm: 70 }), PAIR).verdict).toBe('uncertain');
  });

  it('is uncertain for a point beside the body, however little it is like its answer, or out of view', () => {
    const evidence = { ...found().evidence, isBesideBody: true };
    const unlike = { evidence, similarity: 0, cycleErrorMm: 70 };
    expect(judge(found({ evidence }), PAIR, UNCALIBRATED).verdict).toBe('uncertain');
    expect(judge(found(unlike), PAIR, UNCALIBRATED).verdict).toBe('uncertain');
    const predicted = lpsPoint(0, 40, FACE.superior + 12);
    expect(judge(found({ evidence: { ...evidence, predicted } }), PAIR, UNCALIBRATED).verdict).toBe(
      'out-of-view',
    );
  });

  it('is uncertain where the whole pair may lie elsewhere, and the radius reaches as far', () => {
    const predicted = lpsPoint(0, 40, FACE.superior + 12);
    const of = (otherPlaceMm: number): ReturnType<typeof judge> =>
      judge(found({ evidence: { sdMm: 2, predicted, otherPlaceMm } }), PAIR, UNCALIBRATED);
    expect(of(60)).toMatchObject({ verdict: 'uncertain', errorRadiusMm: 60 });
    expect(of(Infinity).errorRadiusMm).toBe(200);
    expect(of(0).errorRadiusMm).toBeLessThan(60);
  });

  it('is uncertain when a step answered that the calibration has not seen', () => {
    const calibration = { ...UNCALIBRATED, steps: { local: 0 } };
    expect(judge(found(), PAIR, calibration).verdict).toBe('matched');
    expect(judge(found({ step: 'nearest' }), PAIR, calibration).verdict).toBe('uncertain');
  });

  it('is uncertain, with the inter-patient radius, where the whole pair agrees no better than two patients', () => {
    const calibration = { ...UNCALIBRATED, differentPatients: { agreement: 0.3, radiusMm: 21 } };
    const of = (pairAgreement: number): ReturnType<typeof judge> =>
      judge(found({ evidence: { ...found().evidence, pairAgreement } }), PAIR, calibration);
    expect(of(0.25)).toMatchObject({ verdict: 'uncertain', errorRadiusMm: 21 });
    expect(of(0.35).verdict).toBe('matched');
    expect(of(0.35).errorRadiusMm).toBeLessThan(21);
  });

  it('is the same where the images of the pair do not show one patient, where the calibration knows the radius of two', () => {
    const evidence = { ...found().evidence, pairAgreement: 0.4, areImagesUnlike: true };
    const calibration = { ...UNCALIBRATED, differentPatients: { agreement: 0.3, radiusMm: 21 } };
    expect(judge(found({ evidence }), PAIR, calibration)).toMatchObject({
      verdict: 'uncertain',
      errorRadiusMm: 21,
    });
    expect(judge(found({ evidence }), PAIR, UNCALIBRATED).verdict).toBe('matched');
  });

  it('is uncertain between two contrasts, whose right answers were never counted on real pairs; the radius stays', () => {
    const evidence = { ...found().evidence, areDifferentContrasts: true };
    const judged = judge(found({ evidence }), PAIR, UNCALIBRATED);
    expect(judged.verdict).toBe('uncertain');
    expect(judged.errorRadiusMm).toBe(judge(found(), PAIR, UNCALIBRATED).errorRadiusMm);
    const beside = { ...evidence, predicted: lpsPoint(0, 40, FACE.superior + 30) };
    expect(judge(found({ evidence: beside }), PAIR, UNCALIBRATED).verdict).toBe('out-of-view');
  });

  it('is uncertain at the face beyond which the neighbours put the point', () => {
    const evidence = { sdMm: 0.5, predicted: lpsPoint(0, 40, FACE.superior + 1), patchCorrelation: 0.95 };
    const verdictAt = (z: number): string =>
      judge(found({ evidence, lps: lpsPoint(0, 40, z) }), PAIR, UNCALIBRATED).verdict;
    expect(verdictAt(FACE.superior - 0.5)).toBe('uncertain');
    expect(verdictAt(FACE.superior - 20)).toBe('matched');
  });

  it('is not absent where right answers are hardly more similar, as between two contrasts', () => {
    const dissimilar = found({ similarity: 0.4, cycleErrorMm: 70 });
    const ofContrasts = { ...UNCALIBRATED, matchedSimilarity: 0 };
    expect(judge(dissimilar, PAIR, ofContrasts).verdict).toBe('uncertain');
  });

  it('is absent when nothing similar is there and the cycle error is large too', () => {
    expect(judge(found({ similarity: 0.4, cycleErrorMm: 70 }), PAIR, UNCALIBRATED).verdict).toBe('absent');
  });

  it('is out-of-view when the neighbours put the point beyond a face, and says beyond which', () => {
    const predicted = lpsPoint(0, 40, FACE.superior + 12);
    const judgement = judge(found({ evidence: { sdMm: 2, predicted } }), PAIR);
    expect(judgement.verdict).toBe('out-of-view');
    expect(judgement.outOfView).toEqual(['superior']);
    expect(distanceMm(judgement.lps, lpsPoint(0, 40, FACE.superior))).toBeLessThan(1e-9);
    expect(judgement.errorRadiusMm).toBeGreaterThanOrEqual(12);
  });

  it('stays in view just beyond a face when the answer inside convinces, and when the prediction knows nothing', () => {
    const near = { sdMm: 0.5, predicted: lpsPoint(0, 40, FACE.superior + 3), patchCorrelation: 0.95 };
    const calibration = { ...UNCALIBRATED, quantile: 1 };
    expect(judge(found({ evidence: near, cycleErrorMm: 0.1 }), PAIR, calibration).verdict).toBe('matched');
    const lost = { sdMm: 40, predicted: lpsPoint(0, 40, FACE.superior + 12) };
    expect(judge(found({ evidence: lost }), PAIR, UNCALIBRATED).verdict).not.toBe('out-of-view');
  });
});

describe('sides', () => {
  it('are those of the patient, the farthest first', () => {
    expect(sidesOf(beyond(TARGET, lpsPoint(FACE.left + 5, 40, FACE.superior + 9)))).toEqual([
      'superior',
      'left',
    ]);
    expect(sidesOf(beyond(TARGET, lpsPoint(0, -20, 60)))).toEqual(['inferior', 'anterior']);
    expect(sidesOf(beyond(TARGET, lpsPoint(0, 40, 120)))).toEqual([]);
  });
});
