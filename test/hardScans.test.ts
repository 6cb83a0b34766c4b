/**
 * Scans that are right but unusual, through the modules from volume to match: no point of the patient is refused as outside of the body, and
 * none is claimed at another place. The generated patient and samepoint-ct.
 */
import { join } from 'node:path';
import { createEmbedder } from '../server/src/embedding/index.ts';
import type { Embedder, Embedding } from '../server/src/embedding/index.ts';
import { distanceMm, lpsPoint, perAxis, toLps, voxelIndex } from '../server/src/geometry/index.ts';
import type { LpsPoint } from '../server/src/geometry/index.ts';
import { createMatcher } from '../server/src/matching/index.ts';
import type { PointOutcome } from '../server/src/matching/index.ts';
import { loadModels } from '../server/src/model/registry.ts';
import type { Model } from '../server/src/model/registry.ts';
import { createPhantom } from '../server/src/phantom/index.ts';
import type { Phantom } from '../server/src/phantom/index.ts';
import type { Volume } from '../server/src/volume/types.ts';
import { ROOT } from './support/paths.ts';
import { cropped, limbAt, painted, withSmallerPatient } from './support/hardScans.ts';
import { beside } from './support/variations.ts';

/** Voxels of 2.8 x 2.8 x 5 and 6 mm. */
const COARSENESS = 2;
/** A matched point may be this wrong, mm. */
const RIGHT_MM = 10;
const METHODS = ['refined', 'field'] as const;

const matcher = createMatcher({ threads: 2 });
let embedder: Embedder;
let model: Model;
let phantom: Phantom;
let prior: Embedding;

beforeAll(async () => {
  const models = await loadModels(join(ROOT, 'models'));
  model = models.get('samepoint-ct');
  embedder = createEmbedder({ models, providers: ['cpu'], threads: 2 });
  phantom = createPhantom({ seed: 1, coarseness: COARSENESS });
  prior = await embedder.embed(phantom.timePoints[1].volume, model.id);
});
afterAll(async () => {
  await Promise.all([matcher.close(), embedder.close()]);
});

const currentVolume = (): Volume => phantom.timePoints[0].volume;

/** Where the tissue of a density is, all over the current scan: LPS, mm. */
function placesOf(volume: Volume, low: number, high: number, count: number): readonly LpsPoint[] {
  const { dims, data, voxelToLps } = volume;
  const [nx, ny, nz] = dims;
  const isAlike = (at: number): boolean => data[at]! > low && data[at]! < high;
  const found: LpsPoint[] = [];
  for (let k = 1; k < nz - 1; k++)
    for (let j = 2; j < ny - 2; j++)
      for (let i = 2; i < nx - 2; i++) {
        const at = i + nx * (j + ny * k);
        const near = [at, at - 2, at + 2, at - 2 * nx, at + 2 * nx, at - nx * ny, at + nx * ny];
        if (near.every(isAlike)) found.push(toLps(voxelToLps, voxelIndex(i, j, k)));
      }
  const step = found.length / count;
  return Array.from({ length: count }, (_, n) => found[Math.floor((n + 0.5) * step)]!);
}

/** Middle of the field of view of the current scan, LPS mm: the anatomy's own origin. */
function middle(): LpsPoint {
  const { dims, voxelToLps } = currentVolume();
  return toLps(voxelToLps, voxelIndex((dims[0] - 1) / 2, (dims[1] - 1) / 2, (dims[2] - 1) / 2));
}

/** The outcomes of all methods. */
async function outcomesOf(
  query: Embedding,
  target: Embedding,
  places: readonly LpsPoint[],
): Promise<readonly PointOutcome[]> {
  const points = places.map((lps, n) => ({ id: String(n), lps }));
  const request = { query, target, points, model: model.manifest };
  const all = await Promise.all(METHODS.map((method) => matcher.matchPoints({ ...request, method })));
  return all.flat();
}

/** Answers of points of a query scan in the prior; none may be refused. */
async function answersOf(query: Embedding, places: readonly LpsPoint[]) {
  const outcomes = await outcomesOf(query, prior, places);
  expect(outcomes.flatMap((outcome) => (outcome.ok ? [] : [outcome.error.code]))).toEqual([]);
  return outcomes.flatMap((outcome) => {
    if (!outcome.ok) return [];
    const { verdict, target: answer, method } = outcome.match;
    const errorMm = distanceMm(answer.lps, phantom.toPrior(places[Number(outcome.pointId)]!));
    return [{ verdict, method, errorMm }];
  });
}

type Answers = Awaited<ReturnType<typeof answersOf>>;

/** No answer claims another place; at least a share of them claims the right one. */
function expectTrue(answers: Answers, share: number): void {
  expect(answers.filter(({ verdict, errorMm }) => verdict === 'matched' && errorMm > RIGHT_MM)).toEqual([]);
  const right = answers.filter(({ verdict, errorMm }) => verdict === 'matched' && errorMm <= RIGHT_MM);
  expect(right.length / answers.length).toBeGreaterThanOrEqual(share);
}

/** No point is refused as outside of the body, and no answer claims the place of one that the other scan does not show. */
function expectUnclaimed(outcomes: readonly PointOutcome[]): void {
  expect(outcomes.flatMap((outcome) => (outcome.ok ? [] : [outcome.error.code]))).toEqual([]);
  expect(outcomes.filter((outcome) => outcome.ok && outcome.match.verdict === 'matched')).toEqual([]);
}

/** A box of a volume around a place, half as long as `mm` along each axis to either side. */
function boxAround(volume: Volume, at: LpsPoint, mm: readonly [number, number, number]): Volume {
  const { dims, voxelToLps: m } = volume;
  const [i, j, k] = perAxis((axis) => {
    const spacing = m[5 * axis]!;
    const index = (at[axis] - m[4 * axis + 3]!) / spacing;
    const half = mm[axis] / 2 / spacing;
    return [
      Math.max(0, Math.round(index - half)),
      Math.min(dims[axis] - 1, Math.round(index + half)),
    ] as const;
  });
  return cropped(volume, [i[0], j[0], k[0]], [i[1], j[1], k[1]]);
}

test('a field of view with nothing but lung', async () => {
  const lung = placesOf(currentVolume(), -950, -700, 9);
  const volume = boxAround(currentVolume(), lung[4]!, [60, 60, 60]);
  const places = placesOf(volume, -950, -700, 8);
  const query = await embedder.embed(volume, model.id);
  expectTrue(await answersOf(query, places), 0);
  // And the other way: what the small scan does not show is not claimed.
  expectUnclaimed(await outcomesOf(prior, query, [phantom.toPrior(lung[0]!), phantom.toPrior(lung[8]!)]));
});

test('a slab of 20 mm', async () => {
  const whole = currentVolume();
  const { dims, voxelToLps } = whole;
  const slab = cropped(whole, [0, 0, 30], [dims[0] - 1, dims[1] - 1, 33]);
  expect(4 * voxelToLps[10]).toBe(20);
  const query = await embedder.embed(slab, model.id);
  expectTrue(await answersOf(query, placesOf(slab, 0, 200, 10)), 0);
});

test('arms in the field of view', async () => {
  const [x, y, z] = middle();
  const [from, to] = [lpsPoint(x - 120, y - 150, z - 60), lpsPoint(x + 120, y - 150, z - 40)];
  const arm = limbAt(from, to, 20);
  const volume = painted(currentVolume(), arm);
  const query = await embedder.embed(volume, model.id);
  const trunk = placesOf(currentVolume(), 0, 200, 12);
  expectTrue(await answersOf(query, trunk), 0.7);
  const inArm = [-80, -30, 30, 80].map((mm) => lpsPoint(x + mm, y - 139, z - 50 + mm / 12));
  expectUnclaimed(await outcomesOf(query, prior, inArm));
});

test('two patients in one series', async () => {
  const { volume, inSmaller } = withSmallerPatient(currentVolume());
  const query = await embedder.embed(volume, model.id);
  const places = placesOf(currentVolume(), 0, 200, 12);
  expectTrue(await answersOf(query, places), 0.7);
  expectUnclaimed(await outcomesOf(query, prior, places.map(inSmaller)));
});

test('a metal hip', async () => {
  const [x, y, z] = middle();
  const hip = lpsPoint(x + 90, y + 20, z - 150);
  const volume = painted(currentVolume(), (at, hu) => {
    const [dx, dy] = [at[0] - hip[0], at[1] - hip[1]];
    const distance = Math.hypot(dx, dy);
    if (distanceMm(at, hip) < 24) return 3071;
    if (Math.abs(at[2] - hip[2]) > 24 || hu < -900) return undefined;
    const streak = 900 * Math.cos(9 * Math.atan2(dy, dx)) * Math.exp(-distance / 60);
    return Math.min(Math.max(hu + streak, -1024), 3071);
  });
  const query = await embedder.embed(volume, model.id);
  const near = [hip, beside(hip, -40, 0, 0), beside(hip, 0, 0, 40), beside(hip, -60, -20, 10)];
  expectTrue(await answersOf(query, near), 0);
  expectTrue(await answersOf(query, placesOf(currentVolume(), 0, 200, 12)), 0.7);
});

test('contrast agent in the bowel', async () => {
  const [x, y, z] = middle();
  const loops = [-60, -20, 20, 60].map((mm) =>
    limbAt(lpsPoint(x + mm, y - 60, z - 130), lpsPoint(x + mm + 15, y - 40, z - 60), 13),
  );
  const volume = painted(currentVolume(), (at) =>
    loops.some((loop) => loop(at) !== undefined) ? 650 : undefined,
  );
  const query = await embedder.embed(volume, model.id);
  const inBowel = [-52, -12, 28, 68].map((mm) => lpsPoint(x + mm, y - 50, z - 95));
  expectTrue(await answersOf(query, inBowel), 0);
  expectTrue(await answersOf(query, placesOf(currentVolume(), 0, 200, 12)), 0.7);
});
