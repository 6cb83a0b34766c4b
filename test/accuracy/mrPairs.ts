/**
 * Two MR of one patient: a T1 image (`limb/`) and its follow-up by a known smooth map, perhaps as another sequence shows it. Both images
 * are cropped at random: the position in the image must not give the answer.
 * @module
 */
import { basename } from 'node:path';
import { isInside, makeFollowUp } from '../support/followUp.ts';
import type { LpsPoint } from '../../server/src/geometry/index.ts';
import { subjectAt } from './files.ts';
import type { Subject } from './files.ts';
import { seedOf, truthOf, VIEW_MM } from './followUps.ts';
import { randomCrop } from './limbs.ts';
import { inMrContrast, MR_CASES, onHuScale } from './mrContrasts.ts';
import { DeepBody } from './points.ts';
import { reversed } from './scenes.ts';
import type { Scene, SceneOptions } from './scenes.ts';

/** The map of every case: the patient of the easy follow-up, one or many days later. */
const MAP = 'easy';

/** The pairs of one T1 image, each in both directions. */
async function* pairsOf(file: string, { cases, points: count, folder }: SceneOptions): AsyncGenerator<Scene> {
  const stored = await subjectAt(file, 'MR');
  const patient = basename(file).replace('_t1.nii.gz', '');
  const seed = seedOf('limb', patient);
  const whole = await stored.load();
  const made = makeFollowUp(onHuScale(whole), MAP, seed);
  const first = randomCrop(whole, `${patient} MR`);
  const query: Subject = { identity: `${stored.identity} cropped`, load: () => Promise.resolve(first) };
  for (const name of MR_CASES.filter((candidate) => cases.includes(candidate))) {
    const second = randomCrop(inMrContrast(made.followUp, name, seed), `${patient} ${name}`);
    const identity = `${stored.identity} ${MAP} ${seed} ${name} cropped`;
    const target: Subject = { identity, load: () => Promise.resolve(second) };
    const isShared = (y: LpsPoint): boolean =>
      isInside(second, y, VIEW_MM) && isInside(first, made.toOriginal(y), VIEW_MM);
    const { inView } = await truthOf(`${identity} ${count} points`, folder, () => {
      const drawn = new DeepBody(made.followUp).draw(count, seed, isShared);
      const placed = drawn.map((y) => ({ query: made.toOriginal(y), target: y }));
      return Promise.resolve({ inView: placed, outside: [] });
    });
    const facts = { data: 'limb', unregistrable: true, hasControl: true } as const;
    const scene: Scene = { ...facts, case: name, query, target, points: inView };
    yield scene;
    yield reversed(scene);
  }
}

/** Points of MR scans to be found in their follow-ups, and back. */
export async function* mrScenes(files: readonly string[], options: SceneOptions): AsyncGenerator<Scene> {
  for (const file of files) yield* pairsOf(file, options);
}
