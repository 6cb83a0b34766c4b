/**
 * An MR in another contrast. The intensities of a T1 image say what is fat, muscle and cortical bone, and from that how another sequence
 * shows them; what they do not distinguish (fluid and muscle) stays alike.
 * @module
 */
import { createRandom } from '../../server/src/phantom/index.ts';
import type { Volume } from '../../server/src/volume/index.ts';
import { intensityOf } from './contrasts.ts';
import type { Curve } from './contrasts.ts';
import { quantile } from './statistics.ts';

/** How an MR shows what a T1 image shows; the brightest tissue of the latter has 1. */
interface MrContrast {
  readonly curve: Curve;
  /** Standard deviation of the noise; the brightest tissue has about 1000. */
  readonly noise: number;
  /** Variation of the intensity from the front to the back, as a share: that of a surface coil. */
  readonly coil: number;
}

/** Share of the voxels below the intensity that counts as the brightest tissue, as the models map percentiles of an MR. */
const BRIGHTEST = 0.998;
/** Intensities are stored as HU during the warp: air, and so far above it the brightest tissue. A skin of a tenth of that is a body. */
const [AIR_HU, RANGE_HU] = [-1024, 7240];

/**
 * follow-up: the same sequence on another day, by another coil. fat-suppressed: fat and marrow dark, muscle bright, as in a T2 with fat
 * saturation. adc-like: the same with the noise of a diffusion image. inverted: everything upside down but air, as in no MR.
 */
export const MR_CONTRASTS: Readonly<Record<string, MrContrast>> = {
  'mr-follow-up': { noise: 25, coil: 0.5, curve: [[0, 5], [0.05, 90], [0.2, 290], [0.4, 500], [0.7, 770], [1, 1000]] },
  'mr-fat-suppressed': { noise: 25, coil: 0.4, curve: [[0, 5], [0.08, 60], [0.25, 750], [0.35, 700], [0.55, 300], [0.75, 120], [1, 60]] },
  'mr-adc-like': { noise: 60, coil: 0, curve: [[0, 5], [0.08, 120], [0.25, 1000], [0.4, 900], [0.6, 350], [0.8, 150], [1, 100]] },
  'mr-inverted': { noise: 25, coil: 0.4, curve: [[0, 5], [0.05, 400], [0.1, 1000], [0.3, 700], [0.6, 400], [1, 80]] },
}; // prettier-ignore
/** Names of the cases. */
export const MR_CASES: readonly string[] = Object.keys(MR_CONTRASTS);

/** An MR on the scale of a CT: air at its HU, the brightest tissue above bone. What makes follow-ups of a CT makes them of this, too. */
export function onHuScale(mr: Volume): Volume {
  const brightest = Math.max(1, quantile(Array.from(mr.data), BRIGHTEST));
  const data = Int16Array.from(mr.data, (value) =>
    Math.round(AIR_HU + (RANGE_HU * Math.min(Math.max(value, 0), 2 * brightest)) / brightest),
  );
  return { ...mr, data };
}

/** A volume of {@link onHuScale} as another sequence shows it, brighter towards the front; a magnitude. */
export function inMrContrast(scaled: Volume, name: string, seed: number): Volume {
  const contrast = MR_CONTRASTS[name];
  if (contrast === undefined) throw new RangeError(`no contrast ${name}`);
  const { curve, noise, coil } = contrast;
  const random = createRandom(seed, name);
  const [nx, ny] = scaled.dims;
  const data = Int16Array.from(scaled.data, (hu, at) => {
    const gain = 1 + coil / 2 - (coil * (Math.floor(at / nx) % ny)) / ny;
    const tissue = intensityOf(curve, (hu - AIR_HU) / RANGE_HU);
    return Math.round(Math.abs(tissue * gain + random.normal() * noise));
  });
  return { ...scaled, data, modality: 'MR' };
}
