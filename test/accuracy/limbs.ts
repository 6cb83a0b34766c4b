/**
 * CT and MR of one patient in one frame (`limb/`): the same place has the same coordinates.
 * @module
 */
import { isInside } from '../support/followUp.ts';
import { subjectAt } from './files.ts';
import { seedOf } from './followUps.ts';
import { heldBackFiles } from './organs.ts';
import { DeepBody } from './points.ts';
import type { Scene, SceneOptions } from './scenes.ts';

/** Every fifth patient by name is kept for validation (README of the data; `split` of the training code). */
const EVERY = 5;
/** A point must be this far inside both fields of view, mm. */
const VIEW_MM = 6;

/** Points of each held-back MR to be found in the CT of the same patient. */
export async function* limbScenes({ points: count }: SceneOptions): AsyncGenerator<Scene> {
  for (const file of await heldBackFiles('limb', EVERY)) {
    const [ct, mr] = [await subjectAt(file), await subjectAt(file.replace('_ct.', '_t1.'), 'MR')];
    const [ctVolume, mrVolume] = [await ct.load(), await mr.load()];
    const drawn = new DeepBody(ctVolume).draw(
      count,
      seedOf(file.split('/').at(-1) ?? '', 'easy'),
      (point) => isInside(ctVolume, point, VIEW_MM) && isInside(mrVolume, point, VIEW_MM),
    );
    const points = drawn.map((point) => ({ query: point, target: point }));
    yield { data: 'limb', case: 'mr-to-ct', query: mr, target: ct, points, unregistrable: true };
  }
}
