/**
 * Follow-ups of a patient who lies turned, and follow-ups under wrong orientation labels: the easy follow-up under a rigid map.
 * @module
 */
import { isInside, makeFollowUp } from '../support/followUp.ts';
import type { FollowUp } from '../support/followUp.ts';
import { relabelled, scannedTurned } from '../support/turnedScan.ts';
import type { Turn, TurnedScan } from '../support/turnedScan.ts';
import type { Volume } from '../../server/src/volume/index.ts';
import type { Subject } from './files.ts';
import { drawInView, seedOf, truthOf } from './followUps.ts';
import type { Scene, SceneOptions } from './scenes.ts';

/** The case of the protocol; its scenes are of four rows. */
export const TURNED_CASE = 'turned';

/** A turn of the benchmark, and the row that it belongs to. */
export interface TurnedPair {
  readonly case: string;
  readonly turn: Turn;
  /** True: new axial slices of the turned patient; otherwise the slices are turned with the patient. */
  readonly isScanned?: boolean;
  /** True: the turned scan is the query. */
  readonly isReversed?: boolean;
}

const about = (axis: 'x' | 'y' | 'z', deg: number): Turn => ({
  name: `${axis}${deg}`,
  deg: [axis === 'x' ? deg : 0, axis === 'y' ? deg : 0, axis === 'z' ? deg : 0],
});
const COMBINED: Turn = { name: 'combined', deg: [20, -25, 30] };

/** 25 to 60 degrees about each axis and a combined turn, the last one also as the query; half turns; and mirror images. */
export const TURNED_PAIRS: readonly TurnedPair[] = [
  { case: 'turned', turn: about('x', 25) },
  { case: 'turned', turn: about('y', 45) },
  { case: 'turned', turn: about('z', 60) },
  { case: 'turned', turn: about('x', 60) },
  { case: 'turned', turn: COMBINED, isScanned: true },
  { case: 'from-turned', turn: COMBINED, isReversed: true },
  { case: 'wrong-labels', turn: about('z', 180) },
  { case: 'wrong-labels', turn: about('x', 180) },
  { case: 'mirrored', turn: { name: 'mirrored x', mirrored: 'x' } },
  { case: 'mirrored', turn: { name: 'mirrored z', mirrored: 'z' } },
];

interface Made {
  readonly volume: Volume;
  readonly made: FollowUp;
}

/** Pairs of a CT and its turned and mislabelled follow-ups. */
export async function* turnedScenes(
  data: string,
  source: Subject,
  { points, folder }: SceneOptions,
): AsyncGenerator<Scene> {
  const seed = seedOf(data, 'easy');
  let making: Promise<Made> | undefined;
  const make = (): Promise<Made> =>
    (making ??= source.load().then((volume) => ({ volume, made: makeFollowUp(volume, 'easy', seed) })));
  const truth = await truthOf(
    `${source.identity} easy ${seed} to be turned ${points} points`,
    folder,
    async () => {
      const { volume, made } = await make();
      return { inView: drawInView(volume, made, points, seed), outside: [] };
    },
  );
  for (const { case: name, turn, isScanned = false, isReversed = false } of TURNED_PAIRS) {
    let turning: TurnedScan | undefined;
    const { made } = await make();
    const turned = (): TurnedScan =>
      (turning ??= (isScanned ? scannedTurned : relabelled)(made.followUp, turn));
    const subject: Subject = {
      identity: `${source.identity} easy ${seed} ${JSON.stringify(turn)} ${String(isScanned)}`,
      load: () => Promise.resolve(turned().scan),
    };
    const placed = truth.inView
      .map(({ query, target }) => ({ query, target: turned().toTurned(target) }))
      .filter(({ target }) => isInside(turned().scan, target, 0));
    const reversed = placed.map(({ query, target }) => ({ query: target, target: query }));
    yield isReversed
      ? { data, case: name, query: subject, target: source, points: reversed }
      : { data, case: name, query: source, target: subject, points: placed };
  }
}
