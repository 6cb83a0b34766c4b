/**
 * One-shot landmarks between patients: compact organs of one neck, found in the others by a template of one, and by the votes of three
 * (`node test/bench/landmarks.ts`). Writes test/results/landmarks.json. The necks are those that no training has seen.
 * @module
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { distanceMm, lpsPoint } from '../../server/src/geometry/index.ts';
import type { LpsPoint } from '../../server/src/geometry/index.ts';
import { encodeTemplate, makeTemplate } from '../../server/src/landmarks/index.ts';
import { createMatcher } from '../../server/src/matching/index.ts';
import type { MatchModel } from '../../server/src/matching/index.ts';
import { timed } from '../accuracy/cpuTime.ts';
import { Engine } from '../accuracy/engine.ts';
import { landmarkErrors, necksOf } from '../accuracy/landmarkErrors.ts';
import type { LandmarkError, Neck } from '../accuracy/landmarkErrors.ts';
import { heldBackFiles } from '../accuracy/organs.ts';
import { ROOT } from '../support/paths.ts';

/** Every tenth neck by name is kept for validation. */
const EVERY = 10;
const MODEL = 'samepoint-ct';
const WITHIN_MM = 10;
/** Templates that vote lie this far apart in the order of the patients. */
const VOTER_STEP = 3;
/** Landmarks of the measurement of time. */
const TIMED_LANDMARKS = 50;

const matcher = createMatcher();

/** Distances of the same landmarks where both whole series are matched, the method refined. */
async function pairErrors(query: Neck, target: Neck, model: MatchModel): Promise<readonly LandmarkError[]> {
  const shared = [...query.organs].flatMap(([id, lps]): [string, LpsPoint, LpsPoint][] => {
    const truth = target.organs.get(id);
    return truth === undefined ? [] : [[id, lps, truth]];
  });
  const points = shared.map(([id, lps]) => ({ id, lps }));
  const pair = { query: query.embedding, target: target.embedding, model, points };
  return (await matcher.matchPoints(pair)).map((outcome, n) =>
    outcome.ok
      ? {
          name: outcome.pointId,
          errorMm: distanceMm(outcome.match.target.lps, shared[n]![2]),
          radiusMm: outcome.match.errorRadiusMm,
        }
      : { name: outcome.pointId, errorMm: Infinity, radiusMm: 0 },
  );
}

function rounded(value: number): number {
  return Math.round(value * 1000) / 1000;
}

/** A row of the results. */
function rowOf(method: string, templates: number, errors: readonly LandmarkError[]): object {
  const sorted = errors.map(({ errorMm }) => errorMm).sort((a, b) => a - b);
  const quantile = (share: number): number =>
    sorted[Math.min(Math.floor(share * sorted.length), sorted.length - 1)] ?? NaN;
  const share = (count: number): number => rounded(count / sorted.length);
  return {
    data: 'headneck',
    case: 'compact-centroids',
    model: MODEL,
    method,
    templates,
    n: sorted.length,
    medianMm: rounded(quantile(0.5)),
    p95Mm: rounded(quantile(0.95)),
    within10mm: share(sorted.filter((mm) => mm <= WITHIN_MM).length),
    radiusCoverage: share(errors.filter(({ errorMm, radiusMm }) => errorMm <= radiusMm).length),
  };
}

/** Time to find fifty landmarks in a neck whose embedding is at hand, after another one; in processor time, too, for busy machines. */
async function timeOf([first, second, third]: readonly Neck[], model: MatchModel): Promise<object> {
  if (first === undefined || second === undefined || third === undefined)
    throw new RangeError('there are no three necks');
  const places = [...first.organs.values()];
  const landmarks = Array.from({ length: TIMED_LANDMARKS }, (_, n) => {
    const [x, y, z] = places[n % places.length]!;
    return { name: String(n), lps: lpsPoint(x + (n % 7) - 3, y, z + (n % 5) - 2) };
  });
  const template = makeTemplate(first.embedding, landmarks, model);
  await landmarkErrors([template], second, model, matcher);
  const { cost } = await timed(() => landmarkErrors([template], third, model, matcher));
  return {
    method: 'template',
    landmarks: TIMED_LANDMARKS,
    seconds: rounded(cost.seconds),
    cpuSeconds: rounded(cost.cpuSeconds),
    templateBytes: JSON.stringify(encodeTemplate(template)).length,
  };
}

const keepCache = process.argv[2];
const folder = keepCache ?? (await mkdtemp(join(tmpdir(), 'samepoint-landmarks-')));
const engine = await Engine.open(folder);
try {
  const [found] = engine.models([MODEL]);
  if (found === undefined) throw new RangeError(`there is no model ${MODEL}`);
  const model: MatchModel = found.manifest;
  const necks = await necksOf(engine, found, await heldBackFiles('headneck', EVERY));
  const at = (n: number): Neck => necks[n % necks.length]!;
  const [one, three, pairs]: LandmarkError[][] = [[], [], []];
  for (const [n, target] of necks.entries()) {
    for (let step = 1; step < necks.length; step++)
      one!.push(...(await landmarkErrors([at(n + step).template], target, model, matcher)));
    for (let step = 1; step <= VOTER_STEP; step++) {
      const voters = [0, 1, 2].map((voter) => at(n + step + VOTER_STEP * voter).template);
      three!.push(...(await landmarkErrors(voters, target, model, matcher)));
    }
    for (const step of [1, 4]) pairs!.push(...(await pairErrors(at(n + necks.length - step), target, model)));
  }
  const rows = [
    rowOf('template', 1, one!),
    rowOf('template', 3, three!),
    rowOf('refined, whole pair', 1, pairs!),
    await timeOf(necks, model),
  ];
  await writeFile(join(ROOT, 'test/results/landmarks.json'), `${JSON.stringify(rows, null, 2)}\n`);
  process.stdout.write(`${JSON.stringify(rows, null, 2)}\n`);
} finally {
  await Promise.all([engine.close(), matcher.close()]);
  if (keepCache === undefined) await rm(folder, { recursive: true });
}
