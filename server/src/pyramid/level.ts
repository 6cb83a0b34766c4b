import type { ImageMap } from '../embedding/types.ts';
import { STEPS_PER_UNIT } from './layout.ts';

/** Steps of a level's values, registration units: far below noise, and the largest ones fit int16. */
export const LEVEL_STEP = 1 / STEPS_PER_UNIT;

/** An image to be registered: mapped intensities on a grid along the patient axes, low-passed for its spacing. */
export interface Level {
  readonly dims: readonly [number, number, number];
  /** Distance of neighbouring voxel centres along x, y, z, mm. */
  readonly spacing: readonly [number, number, number];
  /** Centre of the first voxel, LPS mm. */
  readonly origin: readonly [number, number, number];
  /** i fastest, then j, then k; in steps of {@link LEVEL_STEP}, NOT_ACQUIRED (layout.ts) where nothing was acquired. Threads share it. */
  readonly values: Int16Array;
}

/** Where the slope of the intensity map changes, HU: fat and soft tissue, contrast agent included, lie between. */
const [SOFT_FROM_HU, SOFT_TO_HU] = [-150, 250];
/** Lung and air below, bone and metal above: their contrasts are ten times those of soft tissue and would drown them. */
const [LUNG_SLOPE, BONE_SLOPE] = [0.3, 0.3];
/** Values are clipped to these, HU. */
const [LEAST_HU, LARGEST_HU] = [-1000, 1500];
/** Range to which images without a calibrated scale are stretched: as wide as soft tissue is in CT. */
const RELATIVE_RANGE = 400;
const INT16_COUNT = 65_536;

/** HU to registration units: soft tissue 1 to 1, lung and bone compressed, so that all of them give gradients of like size. */
export function mapHu(hu: number): number {
  if (hu < SOFT_FROM_HU) return SOFT_FROM_HU + LUNG_SLOPE * ((hu < LEAST_HU ? LEAST_HU : hu) - SOFT_FROM_HU);
  if (hu > SOFT_TO_HU) return SOFT_TO_HU + BONE_SLOPE * ((hu > LARGEST_HU ? LARGEST_HU : hu) - SOFT_TO_HU);
  return hu;
}

/** The inverse of {@link mapHu} between the values to which it clips. */
export function huOf(units: number): number {
  if (units < SOFT_FROM_HU) return SOFT_FROM_HU + (units - SOFT_FROM_HU) / LUNG_SLOPE;
  if (units > SOFT_TO_HU) return SOFT_TO_HU + (units - SOFT_TO_HU) / BONE_SLOPE;
  return units;
}

/** Registration units of every int16 of an image, from the least on. CT is mapped by {@link mapHu}, others are stretched to a common range. */
export function unitsOf({ values, scale }: ImageMap, isCt: boolean): Float32Array {
  const factor = isCt ? scale : RELATIVE_RANGE / (largest(values) || 1);
  const units = new Float32Array(INT16_COUNT);
  for (let n = 0; n < INT16_COUNT; n++) {
    const value = (n - INT16_COUNT / 2) * factor;
    units[n] = isCt ? mapHu(value) : value;
  }
  return units;
}

function largest(values: Int16Array): number {
  let peak = 0;
  for (const value of values) peak = Math.max(peak, value);
  return peak;
}
