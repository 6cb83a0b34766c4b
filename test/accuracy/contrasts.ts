/**
 * Follow-ups in another contrast: a follow-up of the protocol whose intensities are those of an MR, by tissue. An MR of the same patient
 * with exactly known places does not exist; these test whether a model reads the anatomy or the HU.
 * @module
 */
import { createRandom } from '../../server/src/phantom/index.ts';
import type { Volume } from '../../server/src/volume/index.ts';
import { isInside, makeFollowUp } from '../support/followUp.ts';
import type { FollowUp } from '../support/followUp.ts';
import type { LpsPoint } from '../../server/src/geometry/index.ts';
import type { Subject } from './files.ts';
import { seedOf, truthOf, VIEW_MM } from './followUps.ts';
import { DeepBody } from './points.ts';
import type { Scene, SceneOptions } from './scenes.ts';

/** HU and intensity of control points, linear between them. */
type Contrast = readonly (readonly [hu: number, intensity: number])[];

/**
 * T1-like: fat and marrow bright, fluid and cortical bone dark. T2-like: fluid bright, vessels dark. inverted: the soft-tissue window of
 * the CT upside down, as in no MR.
 */
export const CONTRASTS: Readonly<Record<string, Contrast>> = {
  't1-like': [
    [-1024, 15], [-800, 60], [-300, 300], [-100, 900], [-60, 850], [0, 200], [45, 380], [70, 450],
    [120, 520], [200, 650], [300, 700], [700, 90], [3071, 20],
  ],
  't2-like': [
    [-1024, 15], [-800, 80], [-300, 250], [-100, 620], [-60, 600], [0, 950], [15, 800], [45, 240],
    [70, 360], [130, 160], [200, 200], [300, 420], [700, 60], [3071, 15],
  ],
  inverted: [[-1024, 10], [-500, 10], [-200, 1000], [250, 120], [700, 40], [3071, 10]],
}; // prettier-ignore
/** Names of the cases. */
export const CONTRAST_CASES: readonly string[] = Object.keys(CONTRASTS);

/** Standard deviation of the noise, and the variation of a surface coil from one end to the other, as shares. */
const [NOISE, COIL] = [0.02, 0.5];
const FULL = 1000;

/** The intensity of a HU value. */
export function intensityOf(contrast: Contrast, hu: number): number {
  const above = contrast.findIndex(([place]) => place >= hu);
  const [high, low] = [contrast.at(above === -1 ? -1 : above), contrast.at(Math.max(0, above - 1))];
  if (high === undefined || low === undefined || above <= 0)
    return (above === 0 ? contrast[0]?.[1] : high?.[1]) ?? NaN;
  return low[1] + ((hu - low[0]) / (high[0] - low[0])) * (high[1] - low[1]);
}

/** A CT as an MR of a contrast: tissue intensities, brighter towards the front, with noise. */
export function inContrast(volume: Volume, name: string, seed: number): Volume {
  const contrast = CONTRASTS[name];
  if (contrast === undefined) throw new RangeError(`no contrast ${name}`);
  const table = Float32Array.from({ length: 4096 }, (_, index) => intensityOf(contrast, index - 1024));
  const random = createRandom(seed, name);
  const data = new Int16Array(volume.data.length);
  const [nx, ny] = volume.dims;
  for (let at = 0; at < data.length; at++) {
    const coil = 1 + COIL / 2 - (COIL * (Math.floor(at / nx) % ny)) / ny;
    const tissue = table[Math.min(4095, Math.max(0, Math.round((volume.data[at] ?? 0) + 1024)))] ?? 0;
    data[at] = Math.abs(tissue * coil + random.normal() * NOISE * FULL);
  }
  return { ...volume, data, modality: 'MR' };
}

/** Pairs of a CT and its easy follow-up in each contrast: points of the CT to be found in the MR-like image. */
export async function* contrastScenes(
  data: string,
  source: Subject,
  { cases, points, folder }: SceneOptions,
): AsyncGenerator<Scene> {
  const seed = seedOf(data, 'easy');
  let making: Promise<{ readonly volume: Volume; readonly made: FollowUp }> | undefined;
  const make = (): NonNullable<typeof making> =>
    (making ??= source.load().then((volume) => ({ volume, made: makeFollowUp(volume, 'easy', seed) })));
  for (const name of CONTRAST_CASES.filter((candidate) => cases.includes(candidate))) {
    const identity = `${source.identity} easy ${seed} ${name}`;
    const target: Subject = {
      identity,
      load: async () => inContrast((await make()).made.followUp, name, seed),
    };
    const { inView } = await truthOf(`${identity} ${points} points`, folder, async () => {
      const { volume, made } = await make();
      const accept = (y: LpsPoint): boolean =>
        isInside(made.followUp, y, VIEW_MM) && isInside(volume, made.toOriginal(y), VIEW_MM);
      const drawn = new DeepBody(made.followUp).draw(points, seed, accept);
      return { inView: drawn.map((y) => ({ query: made.toOriginal(y), target: y })), outside: [] };
    });
    yield { data, case: name, query: source, target, points: inView, unregistrable: true, hasControl: true };
  }
}
