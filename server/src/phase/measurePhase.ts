import { patchStatistics } from '../features/index.ts';
import type { PatchStatistics } from '../features/index.ts';
import type { FoundLandmark, LandmarkOutcome } from '../landmarks/index.ts';
import type { Volume } from '../volume/index.ts';
import { classifyPhase } from './classifyPhase.ts';
import type { PhaseAnswer, PhaseOrgan } from './classifyPhase.ts';

/** Landmarks of each organ, and the radius of a patch that lies inside of it, mm. */
const ORGANS: Readonly<
  Record<PhaseOrgan, { readonly landmarks: readonly string[]; readonly radiusMm: number }>
> = {
  aorta: { landmarks: ['aorta'], radiusMm: 4 },
  'portal vein': { landmarks: ['portal vein'], radiusMm: 3 },
  liver: { landmarks: ['liver'], radiusMm: 8 },
  kidney: { landmarks: ['right kidney', 'left kidney'], radiusMm: 6 },
};
/** A landmark that is less similar than this is somewhere else. */
const LEAST_SIMILARITY = 0.5;
/** Middle half of the values of a patch of one tissue, HU: noise of a thin slice is below; an edge to fat or gas is above. */
const LARGEST_SPREAD_HU = 60;
/** Soft tissue and blood, HU: fat and gas are below, bone with its cortex and metal above. */
const [LEAST_HU, LARGEST_HU] = [0, 600];
/** Both kidneys enhance alike; larger differences say that one of the places is no kidney, HU. */
const LARGEST_DIFFERENCE_HU = 60;

/** What was measured at one landmark. */
interface PhaseMeasurement {
  readonly organ: PhaseOrgan;
  readonly landmark: string;
  readonly place?: FoundLandmark['place']['lps'];
  readonly medianHu?: number;
  /** From the 25th to the 75th percentile, HU. */
  readonly spreadHu?: number;
  /** Why it does not count; absent where it does. */
  readonly passedOver?: string;
}

/** The phase of a CT with the numbers that it rests on. */
export interface MeasuredPhase extends PhaseAnswer {
  readonly measurements: readonly PhaseMeasurement[];
}

/** Finds the contrast phase of a CT from the values at its landmarks. */
export function measurePhase(volume: Volume, outcomes: readonly LandmarkOutcome[]): MeasuredPhase {
  const organs = Object.entries(ORGANS) as [PhaseOrgan, (typeof ORGANS)[PhaseOrgan]][];
  const measurements = organs.flatMap(([organ, { landmarks, radiusMm }]) =>
    landmarks.map((landmark) => measure(volume, organ, landmark, radiusMm, outcomes)),
  );
  const values = Object.fromEntries(
    organs.flatMap(([organ]) => {
      const value = valueOf(measurements.filter((one) => one.organ === organ));
      return value === undefined ? [] : [[organ, value] as const];
    }),
  );
  return { ...classifyPhase(values), measurements };
}

function measure(
  volume: Volume,
  organ: PhaseOrgan,
  landmark: string,
  radiusMm: number,
  outcomes: readonly LandmarkOutcome[],
): PhaseMeasurement {
  const named = { organ, landmark };
  const outcome = outcomes.find(({ name }) => name === landmark);
  if (outcome?.ok !== true)
    return { ...named, passedOver: 'no template has it, or it could not be searched' };
  const { verdict, similarity, place } = outcome.landmark;
  if (verdict !== 'uncertain') return { ...named, passedOver: verdict };
  const patch = patchStatistics(volume, place.lps, radiusMm);
  const [, p25 = NaN, medianHu = NaN, p75 = NaN] = patch.percentiles;
  const spreadHu = p75 - p25;
  const passedOver = doubtOf(patch, similarity, medianHu, spreadHu);
  const measured = { ...named, place: place.lps, medianHu, spreadHu };
  return passedOver === undefined ? measured : { ...measured, passedOver };
}

function doubtOf(
  { n }: PatchStatistics,
  similarity: number,
  median: number,
  spread: number,
): string | undefined {
  if (similarity < LEAST_SIMILARITY)
    return `the place is not like that of the template (${similarity.toFixed(2)})`;
  if (n === 0) return 'no voxel is near';
  if (!(spread <= LARGEST_SPREAD_HU)) return 'the patch is not of one tissue';
  return median >= LEAST_HU && median <= LARGEST_HU ? undefined : 'neither soft tissue nor blood';
}

/** The mean of the places of an organ that count; undefined where there is none, or they contradict each other. */
function valueOf(measurements: readonly PhaseMeasurement[]): number | undefined {
  const values = measurements.flatMap(({ medianHu, passedOver }) =>
    medianHu === undefined || passedOver !== undefined ? [] : [medianHu],
  );
  if (values.length === 0 || Math.max(...values) - Math.min(...values) > LARGEST_DIFFERENCE_HU)
    return undefined;
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
