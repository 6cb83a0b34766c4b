/**
 * Diameters of lesions that are painted into the generated patient, in a follow-up that a known map has deformed, in which they have grown
 * or shrunk: proposed by samepoint-ct and compared with the deformed lesions.
 */
import { join } from 'node:path';
import { createEmbedder } from '../server/src/embedding/index.ts';
import type { Embedder } from '../server/src/embedding/index.ts';
import { distanceMm, lpsPoint, perAxis, plus, times } from '../server/src/geometry/index.ts';
import type { LpsPoint, Vector } from '../server/src/geometry/index.ts';
import { createMatcher } from '../server/src/matching/index.ts';
import type { Axes, Match } from '../server/src/matching/index.ts';
import { loadModels } from '../server/src/model/registry.ts';
import { createPhantom } from '../server/src/phantom/index.ts';
import { drawLesions } from './accuracy/lesions.ts';
import type { ChangedLesion } from './accuracy/lesions.ts';
import { isInside, makeFollowUp } from './support/followUp.ts';
import { withLesions } from './support/lesions.ts';
import type { Lesion } from './support/lesions.ts';
import { ROOT } from './support/paths.ts';

const SEED = 8;
const LESIONS = 20;
/** Lesions lie at least this far inside the view, mm. */
const INSIDE_MM = 60;
/** Diameters may be wrong by this share, and their middle by so much, mm. */
const [SHARE, MIDDLE_MM] = [0.2, 3];
/** Lesions whose edge must be found: those in the liver and the lung that are at least a third as large as before. */
const LEAST_FITTED = 7;

/** A lesion that both scans show. */
interface ShownLesion extends ChangedLesion {
  readonly before: Lesion;
  readonly after: Lesion;
}

/** Diameters of a lesion along the axes of the patient. */
function axesOf({ centre, before: { radiusMm } }: ShownLesion): Axes {
  const [x, y, z] = centre;
  return {
    longAxis: [lpsPoint(x - radiusMm, y, z), lpsPoint(x + radiusMm, y, z)],
    shortAxis: [lpsPoint(x, y - radiusMm, z), lpsPoint(x, y + radiusMm, z)],
  };
}

/** Longest and shortest diameter in the axial plane of a sphere that a map has deformed, mm; both by the map's slope at its centre. */
function deformed(
  { centre, after: { radiusMm } }: ShownLesion,
  map: (place: LpsPoint) => LpsPoint,
): readonly [number, number] {
  const along = (axis: number, mm: number): LpsPoint =>
    map(
      lpsPoint(
        ...plus(
          centre,
          perAxis((one) => (one === axis ? mm : 0)),
        ),
      ),
    );
  const columns = perAxis((axis): Vector => times(plus(along(axis, 0.5), along(axis, -0.5), -1), 1));
  // Places of the plane on the surface, seen from the middle: directions are tried until one of the sphere leads there.
  const radii = Array.from({ length: 180 }, (_, n) => {
    const [x, y] = [Math.cos((Math.PI * n) / 180), Math.sin((Math.PI * n) / 180)];
    return radiusMm / Math.hypot(...solved(columns, [x, y, 0]));
  });
  return [2 * Math.max(...radii), 2 * Math.min(...radii)];
}

/** The vector that a matrix of three columns maps to the given one (Cramer's rule). */
function solved([a, b, c]: readonly [Vector, Vector, Vector], right: Vector): Vector {
  const volume = (u: Vector, v: Vector, w: Vector): number =>
    u[0] * (v[1] * w[2] - v[2] * w[1]) -
    u[1] * (v[0] * w[2] - v[2] * w[0]) +
    u[2] * (v[0] * w[1] - v[1] * w[0]);
  const whole = volume(a, b, c);
  return [volume(right, b, c) / whole, volume(a, right, c) / whole, volume(a, b, right) / whole];
}

describe('diameters in a deformed follow-up', () => {
  const matcher = createMatcher({ threads: 2 });
  let embedder: Embedder;
  let lesions: readonly ShownLesion[];
  let toFollowUp: (place: LpsPoint) => LpsPoint;
  let matches: readonly (Match | undefined)[];

  beforeAll(async () => {
    const models = await loadModels(join(ROOT, 'models'));
    const model = models.get('samepoint-ct');
    embedder = createEmbedder({ models, providers: ['cpu'], threads: 2 });
    const { volume } = createPhantom({ seed: 2, coarseness: 1 }).timePoints[0];
    lesions = drawLesions(volume, LESIONS, SEED, (place) => isInside(volume, place, INSIDE_MM)).filter(
      (lesion): lesion is ShownLesion => lesion.before !== undefined && lesion.after !== undefined,
    );
    const after = withLesions(
      volume,
      lesions.map((lesion) => lesion.after),
    );
    const made = makeFollowUp(after, 'strong', SEED);
    ({ toFollowUp } = made);
    const before = withLesions(
      volume,
      lesions.map((lesion) => lesion.before),
    );
    const points = lesions.map((lesion, n) => ({ id: String(n), lps: lesion.centre, axes: axesOf(lesion) }));
    const query = await embedder.embed(before, model.id);
    const target = await embedder.embed(made.followUp, model.id);
    const outcomes = await matcher.matchPoints({ query, target, points, model: model.manifest });
    matches = outcomes.map((outcome) => (outcome.ok ? outcome.match : undefined));
  });
  afterAll(async () => {
    await Promise.all([matcher.close(), embedder.close()]);
  });

  test('are those of the deformed lesions, where an edge is found', () => {
    const fitted = lesions.flatMap((lesion, n) => {
      const axes = matches[n]?.axes;
      if (axes?.isFitted !== true) return [];
      const [long, short] = deformed(lesion, toFollowUp);
      const [one, other] = axes.longAxis;
      const middle = lpsPoint(...times(plus(one, other), 0.5));
      return {
        lesion: `${lesion.tissue} ${lesion.change}`,
        long: distanceMm(...axes.longAxis) / long,
        short: distanceMm(...axes.shortAxis!) / short,
        middleMm: distanceMm(middle, toFollowUp(lesion.centre)),
      };
    });
    const isWrong = (ratio: number): boolean => Math.abs(ratio - 1) > SHARE;
    const wrong = fitted.filter(
      ({ long, short, middleMm }) => isWrong(long) || isWrong(short) || middleMm > MIDDLE_MM,
    );
    expect(wrong).toEqual([]);
    expect(fitted.length).toBeGreaterThanOrEqual(LEAST_FITTED);
  });

  test('are those of before at the scale of the map, where none is found', () => {
    const turned = lesions.flatMap((lesion, n) => {
      const axes = matches[n]?.axes;
      return axes?.isFitted === false
        ? [
            distanceMm(...axes.longAxis) / (2 * lesion.before.radiusMm),
            distanceMm(...axes.shortAxis!) / (2 * lesion.before.radiusMm),
          ]
        : [];
    });
    expect(turned.length).toBeGreaterThan(0);
    for (const ratio of turned) expect(Math.abs(Math.log(ratio))).toBeLessThan(0.4);
  });

  test('lie in the slice of the answer', () => {
    for (const match of matches) {
      if (match?.axes === undefined) continue;
      const { lps, pixel } = match.target;
      const { longAxis, shortAxis } = match.axes;
      const heights = [...longAxis, ...shortAxis!].map(([, , z]) => z);
      for (const z of heights) expect(Math.abs(z - lps[2])).toBeCloseTo(pixel.offPlaneMm, 6);
    }
  });
});
