/**
 * Follow-ups made from a real CT by a known map: F(y) = V(T(y)).
 * @module
 */
import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { locateInStack, lpsPoint } from '../../server/src/geometry/index.ts';
import type { LpsPoint } from '../../server/src/geometry/index.ts';
import { isInside, makeFollowUp } from '../support/followUp.ts';
import type { FollowUp, FollowUpCase } from '../support/followUp.ts';
import type { Volume } from '../../server/src/volume/index.ts';
import type { Subject } from './files.ts';
import { DeepBody } from './points.ts';
import type { Scene, SceneOptions, TruthPoint } from './scenes.ts';

/** The cases of the protocol. */
export const FOLLOW_UP_CASES: readonly FollowUpCase[] = ['easy', 'strong', 'crop', 'thick'];

/** Slice distances of their own: not pooled, because the radius is judged on each. */
export const SLICE_CASES: readonly FollowUpCase[] = ['thick5', 'thick7.5'];

/** A point must be this far inside both fields of view, mm. */
export const VIEW_MM = 6;
/** A counterpart must be this far outside the follow-up to count as out of view, mm; up to it, it is not scored. */
const OUTSIDE_MM = 10;
/** Raised when the same seed must give other points or another follow-up. */
const VERSION = 1;

/** The true points of a follow-up: in view, and (crop only) cut off. */
export interface Truth {
  readonly inView: readonly TruthPoint[];
  readonly outside: readonly TruthPoint[];
}

/** The same seed for the same data and name (a case) in every run: 31 bits of a hash, so that no two follow-ups share a field. */
export function seedOf(data: string, name: string): number {
  return createHash('sha256').update(`${data}/${name}`).digest().readUInt32BE(0) >>> 1;
}

/** Points y deep in the body of F and in both views, with x = T(y) in V. */
export function drawInView(volume: Volume, made: FollowUp, count: number, seed: number): TruthPoint[] {
  const accept = (y: LpsPoint): boolean =>
    isInside(made.followUp, y, VIEW_MM) && isInside(volume, made.toOriginal(y), VIEW_MM);
  const drawn = new DeepBody(made.followUp).draw(count, seed, accept);
  return drawn.map((y) => ({ query: made.toOriginal(y), target: y }));
}

/** The place in F of a point of V; undefined where the map is not defined so far out. */
function placeInFollowUp(made: FollowUp, x: LpsPoint): LpsPoint | undefined {
  try {
    return made.toFollowUp(x);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** Points x deep in the body of V and in its view, whose place lies more than {@link OUTSIDE_MM} outside F. */
function drawOutside(volume: Volume, made: FollowUp, count: number, seed: number): TruthPoint[] {
  const places = new Map<LpsPoint, LpsPoint>();
  const accept = (x: LpsPoint): boolean => {
    if (!isInside(volume, x, VIEW_MM)) return false;
    const y = placeInFollowUp(made, x);
    if (y === undefined || locateInStack(made.followUp, y).outsideMm <= OUTSIDE_MM) return false;
    places.set(x, y);
    return true;
  };
  const drawn = new DeepBody(volume).draw(count, seed, accept);
  return drawn.map((x) => ({ query: x, target: places.get(x)! }));
}

function drawTruth(volume: Volume, made: FollowUp, name: FollowUpCase, count: number, seed: number): Truth {
  return {
    inView: drawInView(volume, made, count, seed),
    outside: name === 'crop' ? drawOutside(volume, made, count, seed + 1) : [],
  };
}

function reviveTruth(text: string): Truth {
  interface Stored extends Pick<TruthPoint, 'change'> {
    readonly query: [number, number, number];
    readonly target: [number, number, number];
  }
  const stored = JSON.parse(text) as Record<keyof Truth, Stored[]>;
  const revive = ({ query, target, change }: Stored): TruthPoint => ({
    query: lpsPoint(...query),
    target: lpsPoint(...target),
    ...(change === undefined ? {} : { change }),
  });
  return { inView: stored.inView.map(revive), outside: stored.outside.map(revive) };
}

/** The points of an earlier run, which saves rendering the follow-up; otherwise they are drawn and kept. */
export async function truthOf(identity: string, folder: string, draw: () => Promise<Truth>): Promise<Truth> {
  const file = join(folder, `truth-${createHash('sha256').update(identity).digest('hex')}.json`);
  const kept = await readFile(file, 'utf8').catch(() => undefined);
  if (kept !== undefined) return reviveTruth(kept);
  const truth = await draw();
  await mkdir(folder, { recursive: true });
  await writeFile(file, JSON.stringify(truth));
  return truth;
}

/** Pairs of a CT and its follow-ups, one case after another; at most one follow-up is in memory. */
export async function* followUpScenes(
  data: string,
  source: Subject,
  { cases, points: count, folder }: SceneOptions,
): AsyncGenerator<Scene> {
  for (const name of [...FOLLOW_UP_CASES, ...SLICE_CASES].filter((candidate) => cases.includes(candidate))) {
    const seed = seedOf(data, name);
    const identity = `${source.identity} ${name} ${seed} version ${VERSION}`;
    let made: Promise<{ readonly volume: Volume; readonly made: FollowUp }> | undefined;
    const make = (): NonNullable<typeof made> =>
      (made ??= source.load().then((volume) => ({ volume, made: makeFollowUp(volume, name, seed) })));
    const target: Subject = { identity, load: async () => (await make()).made.followUp };
    const truth = await truthOf(`${identity} ${count} points`, folder, async () => {
      const pair = await make();
      return drawTruth(pair.volume, pair.made, name, count, seed);
    });
    const points = truth.inView.map((point) => ({ ...point, change: { kind: 'unchanged' } as const }));
    yield { data, case: name, query: source, target, points };
    if (truth.outside.length > 0)
      yield { data, case: `${name}-outside`, query: source, target, points: truth.outside, outOfView: true };
  }
}
