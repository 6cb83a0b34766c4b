/** Contrast phases of a CT of the trunk. */
export const PHASES = ['non-contrast', 'arterial', 'venous', 'delayed'] as const;
type Phase = (typeof PHASES)[number];

/** Organs whose values decide on a phase. */
const PHASE_ORGANS = ['aorta', 'portal vein', 'liver', 'kidney'] as const;
export type PhaseOrgan = (typeof PHASE_ORGANS)[number];

/** Median values, HU; absent where the organ is not in view or its patch is not of one tissue. */
export type PhaseValues = { readonly [organ in PhaseOrgan]?: number };

/** A phase with what speaks for it, or why there is none. */
export interface PhaseAnswer {
  readonly phase: Phase | 'undetermined';
  /** In words. */
  readonly reasons: readonly string[];
}

/** Blood and organs without contrast agent have less than this, HU. */
const UNENHANCED_HU = 80;
/** The aorta of an arterial phase has more than this, HU, and the portal vein less than this share of it. */
const [ARTERIAL_HU, ARTERIAL_SHARE] = [180, 0.7];
/** In later phases the portal vein has at least this share of the aorta's enhancement. */
const MIXED_SHARE = 0.8;
/** Enhancement of the aorta above the liver, HU: more than the first in the venous phase, less than the second in the delayed one. */
const [VENOUS_ABOVE_LIVER_HU, DELAYED_ABOVE_LIVER_HU] = [35, 25];
/** The aorta of a delayed phase has less than this, HU. */
const DELAYED_HU = 130;

/**
 * The contrast phase that values of four organs suggest. Between the limits of two phases there is no answer. The limits are those that
 * radiology textbooks give for abdominal CT at 120 kV; with another tube voltage iodine has other values, and the answer may be wrong.
 */
export function classifyPhase(values: PhaseValues): PhaseAnswer {
  const { aorta, liver, kidney } = values;
  const portal = values['portal vein'];
  const missing = PHASE_ORGANS.filter((organ) => values[organ] === undefined);
  if (aorta === undefined || portal === undefined || liver === undefined || kidney === undefined)
    return { phase: 'undetermined', reasons: missing.map((organ) => `${organ}: not seen`) };
  const shown = [
    `aorta ${hu(aorta)}`,
    `portal vein ${hu(portal)}`,
    `liver ${hu(liver)}`,
    `kidney ${hu(kidney)}`,
  ];
  const phase = phaseOf({ aorta, portal, liver, kidney });
  return phase === undefined
    ? { phase: 'undetermined', reasons: [...shown, 'these values fit no phase'] }
    : { phase, reasons: shown };
}

function phaseOf(
  values: Readonly<Record<'aorta' | 'portal' | 'liver' | 'kidney', number>>,
): Phase | undefined {
  const { aorta, portal, liver, kidney } = values;
  if (Object.values(values).every((value) => value < UNENHANCED_HU)) return 'non-contrast';
  const share = portal / aorta;
  if (aorta > ARTERIAL_HU && share < ARTERIAL_SHARE) return 'arterial';
  if (share < MIXED_SHARE || kidney < UNENHANCED_HU) return undefined;
  if (aorta - liver > VENOUS_ABOVE_LIVER_HU) return 'venous';
  return aorta - liver < DELAYED_ABOVE_LIVER_HU && aorta < DELAYED_HU ? 'delayed' : undefined;
}

function hu(value: number): string {
  return `${value.toFixed(0)} HU`;
}
