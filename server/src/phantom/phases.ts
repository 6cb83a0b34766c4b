import type { Part, Tissue } from './shapes.ts';
import {
  BLOOD, KIDNEY, LIVER, LIVER_VESSEL, LUNG_VESSEL, MYOCARDIUM, PANCREAS, PORTAL_BLOOD, SPLEEN, VENOUS_BLOOD,
} from './tissues.ts'; // prettier-ignore

/** When after the injection of contrast agent a scan was made. */
export const CONTRAST_PHASES = ['non-contrast', 'arterial', 'venous', 'delayed'] as const;
export type ContrastPhase = (typeof CONTRAST_PHASES)[number];

/** HU of tissues that contrast agent enhances, with that of a shell; the tissues as they are drawn are the venous phase. */
const ENHANCED: Readonly<
  Record<Exclude<ContrastPhase, 'venous'>, readonly (readonly [Tissue, number, number?])[]>
> = {
  'non-contrast': [
    [BLOOD, 42], [VENOUS_BLOOD, 42], [PORTAL_BLOOD, 42], [LIVER, 58], [LIVER_VESSEL, 42], [LUNG_VESSEL, 42],
    [SPLEEN, 48], [KIDNEY, 32, 34], [MYOCARDIUM, 44], [PANCREAS, 40],
  ],
  arterial: [
    [BLOOD, 310], [VENOUS_BLOOD, 95], [PORTAL_BLOOD, 115], [LIVER, 72], [LIVER_VESSEL, 100], [LUNG_VESSEL, 260],
    [SPLEEN, 130], [KIDNEY, 95, 215], [MYOCARDIUM, 120], [PANCREAS, 105],
  ],
  delayed: [
    [BLOOD, 104], [VENOUS_BLOOD, 104], [PORTAL_BLOOD, 104], [LIVER, 88], [LIVER_VESSEL, 104], [LUNG_VESSEL, 100],
    [SPLEEN, 92], [KIDNEY, 150, 150], [MYOCARDIUM, 85], [PANCREAS, 75],
  ],
}; // prettier-ignore

/** The parts of a patient as they look in a phase. */
export function inPhase(parts: readonly Part[], phase: ContrastPhase): readonly Part[] {
  if (phase === 'venous') return parts;
  const painted = new Map(
    ENHANCED[phase].map(([tissue, hu, shellHu]): [Tissue, Tissue] => [
      tissue,
      { ...tissue, hu, ...(tissue.shell && { shell: { ...tissue.shell, hu: shellHu ?? hu } }) },
    ]),
  );
  return parts.map((part) => ({ ...part, tissue: painted.get(part.tissue) ?? part.tissue }));
}
