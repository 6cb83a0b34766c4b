/**
 * Follow-ups in another contrast: a follow-up of the protocol whose intensities are those of an MR, or of the CT of a PET/CT, by tissue.
 * Such an image of the same patient with exactly known places does not exist; these test whether a model reads the anatomy or the HU.
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
export type Curve = readonly (readonly [hu: number, intensity: number])[];

/** How an image shows tissue. */
interface Contrast {
  readonly modality: 'CT' | 'MR';
  readonly curve: Curve;
  /** Standard deviation of the noise, in units of the intensity. */
  readonly noise: number;
  /** Variation of the intensity from the front to the back, as a share: that of a surface coil. */
  readonly coil: number;
}

/** Noise and coil of an MR whose tissues reach an intensity of 1000. */
const MR = { modality: 'MR', noise: 20, coil: 0.5 } as const;

/**
 * T1-like: fat and marrow bright, fluid and cortical bone dark. T2-like: fluid bright, vessels dark. inverted: the soft-tissue window of
 * the CT upside down, as in no MR. petct-like: the CT of a PET/CT in HU, with a low dose and without contrast agent, so that vessels and
 * organs hardly differ from muscle.
 */
export const CONTRASTS: Readonly<Record<string, Contrast>> = {
  't1-like': { ...MR, curve: [
    [-1024, 15], [-800, 60], [-300, 300], [-100, 900], [-60, 850], [0, 200], [45, 380], [70, 450],
    [120, 520], [200, 650], [300, 700], [700, 90], [3071, 20],
  ] },
  't2-like': { ...MR, curve: [
    [-1024, 15], [-800, 80], [-300, 250], [-100, 620], [-60, 600], [0, 950], [15, 800], [45, 240],
    [70, 360], [130, 160], [200, 200], [300, 420], [700, 60], [3071, 15],
  ] },
  inverted: { ...MR, curve: [[-1024, 10], [-500, 10], [-200, 1000], [250, 120], [700, 40], [3071, 10]] },
  'petct-like': { modality: 'CT', noise: 40, coil: 0, curve: [
    [-1024, -1024], [40, 40], [80, 48], [180, 56], [250, 90], [400, 350], [3071, 3000],
  ] },
}; // prettier-ignore
/** Names of the cases. */
export const CONTRAST_CASES: readonly string[] = Object.keys(CONTRASTS);

/** A CT stores no lower values. */
const LOWEST_HU = -1024;

/** The intensity of a HU value. */
export function intensityOf(curve: Curve, hu: number): number {
  const above = curve.findIndex(([place]) => place >= hu);
  const [high, low] = [curve.at(above === -1 ? -1 : above), curve.at(Math.max(0, above - 1))];
  if (high === undefined || low === undefined || above <= 0)
    return (above === 0 ? curve[0]?.[1] : high?.[1]) ?? NaN;
  return low[1] + ((hu - low[0]) / (high[0] - low[0])) * (high[1] - low[1]);
}

/** A CT in another contrast: tissue intensities, brighter towards the front, with noise; that of an MR is a magnitude. */
export function inContrast(volume: Volume, name: string, seed: number): Volume {
  const contrast = CONTRASTS[name];
  if (contrast === undefined) throw new RangeError(`no contrast ${name}`);
  const { curve, noise, coil, modality } = contrast;
  const table = Float32Array.from({ length: 4096 }, (_, index) => intensityOf(curve, index - 1024));
  const random = createRandom(seed, name);
  const data = new Int16Array(volume.data.length);
  const [nx, ny] = volume.dims;
  for (let at = 0; at < data.length; at++) {
    const gain = 1 + coil / 2 - (coil * (Math.floor(at / nx) % ny)) / ny;
    const tissue = table[Math.min(4095, Math.max(0, Math.round((volume.data[at] ?? 0) + 1024)))] ?? 0;
    const intensity = tissue * gain + random.normal() * noise;
    data[at] = modality === 'MR' ? Math.abs(intensity) : Math.max(LOWEST_HU, intensity);
  }
  return { ...volume, data, modality };
}

/** Pairs of a CT and its easy follow-up in each contrast: points of the CT to be found in that image. */
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
