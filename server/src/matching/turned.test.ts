import fc from 'fast-check';
import { invert, lpsPoint, toLps, voxelIndex } from '../geometry/index.ts';
import type { Affine, LpsPoint } from '../geometry/index.ts';
import { UNCALIBRATED } from './confidence/calibration.ts';
import { matchPoints } from './matcher.ts';
import { SYNTHETIC_MODEL } from './pool/syntheticEmbedding.ts';
import { PLACES, queryEmbedding, targetEmbedding } from './testing/affinePair.ts';
import { inWorldOfSeries } from './turned.ts';
import type { Match, PointOutcome } from './types.ts';

/** Head and feet, and front and back exchanged. */
const HALF_TURN: Affine = [1, 0, 0, 0, 0, -1, 0, 0, 0, 0, -1, 0];
const MIRROR: Affine = [-1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0];

function matchAt(x: number, y: number, z: number, changes: Partial<Match> = {}): Match {
  const pixel = { sopClassUid: '1', sopInstanceUid: '1', column: 3, row: 4, offPlaneMm: 0 };
  const place = { studyInstanceUid: '1', seriesInstanceUid: '2', frameOfReferenceUid: '3', pixel };
  return {
    method: 'refined',
    step: 'neighbour-map',
    verdict: 'matched',
    query: { ...place, lps: lpsPoint(7, 8, 9) },
    target: { ...place, lps: lpsPoint(x, y, z) },
    similarity: 0.9,
    cycleErrorMm: 1,
    errorRadiusMm: 2,
    ...changes,
  };
}

describe('inWorldOfSeries', () => {
  it('undoes the turn of the target point; its pixel and the query stay', () => {
    const mm = fc.double({ min: -500, max: 500, noNaN: true });
    const radians = fc.double({ min: -Math.PI, max: Math.PI, noNaN: true });
    fc.assert(
      fc.property(mm, mm, mm, radians, mm, (x, y, z, angle, shift) => {
        const [c, s] = [Math.cos(angle), Math.sin(angle)];
        const turn: Affine = [c, 0, s, shift, 0, 1, 0, -shift, -s, 0, c, 2 * shift];
        const [a, b, c2] = toLps(turn, voxelIndex(x, y, z));
        const match = matchAt(a, b, c2);
        const { target, query, verdict } = inWorldOfSeries(match, turn);
        [x, y, z].forEach((value, n) => {
          expect(target.lps[n]).toBeCloseTo(value, 9);
        });
        expect(target.pixel).toEqual(match.target.pixel);
        expect(query).toEqual(match.query);
        expect(verdict).toBe('matched');
      }),
    );
  });

  it('undoes the turn of the runner-up too, and keeps one without a place', () => {
    const runnerUp = { distanceMm: 40, similarity: 0.8 };
    const turned = matchAt(0, 0, 0, { runnerUp: { ...runnerUp, lps: lpsPoint(4, -5, -6) } });
    const { lps = [], ...rest } = inWorldOfSeries(turned, HALF_TURN).runnerUp ?? {};
    expect([...lps].map((mm) => mm.toFixed(6))).toEqual(['4.000000', '5.000000', '6.000000']);
    expect(rest).toEqual(runnerUp);
    expect(inWorldOfSeries(matchAt(0, 0, 0, { runnerUp }), HALF_TURN).runnerUp).toEqual(runnerUp);
  });

  it('names the sides of the series, not those of the turned world', () => {
    const beyond = matchAt(0, 0, 0, { verdict: 'out-of-view', outOfView: ['superior', 'left'] });
    expect(inWorldOfSeries(beyond, HALF_TURN).outOfView).toEqual(['inferior', 'left']);
    const [c, s] = [Math.cos(Math.PI / 4), Math.sin(Math.PI / 4)];
    const slanted: Affine = [1, 0, 0, 0, 0, c, -s, 0, 0, s, c, 0];
    const between = matchAt(0, 0, 0, { verdict: 'out-of-view', outOfView: ['superior'] });
    expect(new Set(inWorldOfSeries(between, slanted).outOfView)).toEqual(new Set(['superior', 'posterior']));
  });

  it('never says "matched" in a mirror image', () => {
    const found = inWorldOfSeries(matchAt(10, 20, 30), MIRROR);
    expect(found.verdict).toBe('uncertain');
    expect(found.target.lps).toEqual(toLps(invert(MIRROR), voxelIndex(10, 20, 30)));
    expect(inWorldOfSeries(matchAt(1, 2, 3, { verdict: 'absent' }), MIRROR).verdict).toBe('absent');
  });
});

describe('matchPoints with a turned target', () => {
  /** Left and right, and front and back exchanged, and shifted, mm. */
  const turn: Affine = [-1, 0, 0, 30, 0, -1, 0, -20, 0, 0, 1, 5];
  const points = PLACES.map((lps, n) => ({ id: String(n), lps }));
  const request = { query: queryEmbedding, target: targetEmbedding, points, model: SYNTHETIC_MODEL };

  function matchesOf(outcomes: readonly PointOutcome[]): Match[] {
    return outcomes.map((outcome) => {
      if (!outcome.ok) throw outcome.error;
      return outcome.match;
    });
  }

  it('gives the same answers, in the world of the series', async () => {
    const plain = matchesOf(await matchPoints(request));
    const turned = matchesOf(await matchPoints({ ...request, turn }));
    const isTurned = ([x, y, z]: LpsPoint, there: LpsPoint): void => {
      for (const [axis, mm] of toLps(turn, voxelIndex(x, y, z)).entries())
        expect(mm).toBeCloseTo(there[axis]!, 9);
    };
    for (const [n, { target, runnerUp, ...rest }] of turned.entries()) {
      const { target: there, runnerUp: other, ...same } = plain[n]!;
      expect(rest).toEqual(same);
      expect(target.pixel).toEqual(there.pixel);
      isTurned(target.lps, there.lps);
      expect(runnerUp?.distanceMm).toBe(other?.distanceMm);
      if (other?.lps !== undefined) isTurned(runnerUp!.lps!, other.lps);
    }
  });

  it('claims nothing where left and right may be exchanged', async () => {
    const calibrated = { ...SYNTHETIC_MODEL, matching: { calibration: { refined: UNCALIBRATED } } };
    const verdicts = async (isSideUnsure: boolean) =>
      matchesOf(await matchPoints({ ...request, model: calibrated, isSideUnsure })).map(
        ({ verdict }) => verdict,
      );
    expect(await verdicts(false)).toContain('matched');
    expect(await verdicts(true)).not.toContain('matched');
  });
});
