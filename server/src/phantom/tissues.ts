import type { Tissue } from './shapes.ts';

/** HU of the portal venous phase; grain is what texture adds to the mean, wobble the irregularity of a surface. */
export const AIR_HU = -1000;
export const SKIN_HU = 20;
export const FAT: Tissue = { hu: -102, grainHu: 8 };
export const MUSCLE: Tissue = { hu: 56, grainHu: 9, wobbleMm: 1 };
export const LUNG: Tissue = { hu: -850, grainHu: 24 };
export const FISSURE: Tissue = { hu: -700, grainHu: 10 };
export const LIVER: Tissue = { hu: 108, grainHu: 7, wobbleMm: 2 };
export const SPLEEN: Tissue = { hu: 122, grainHu: 6, wobbleMm: 1.5 };
export const KIDNEY: Tissue = { hu: 165, grainHu: 8, wobbleMm: 0.8, shell: { mm: 7, hu: 205 } };
export const RENAL_SINUS: Tissue = { hu: -60, grainHu: 15 };
export const PANCREAS: Tissue = { hu: 88, grainHu: 14, wobbleMm: 1.2 };
export const BILE: Tissue = { hu: 8, grainHu: 2, shell: { mm: 2, hu: 60 } };
export const STOMACH: Tissue = { hu: 18, grainHu: 10, wobbleMm: 2.5, shell: { mm: 4.5, hu: 82 } };
export const GAS: Tissue = { hu: -985, grainHu: 0 };
export const BOWEL: Tissue = { hu: 28, grainHu: 14, wobbleMm: 1.5, shell: { mm: 3, hu: 92 } };
export const STOOL: Tissue = { hu: -40, grainHu: 60, wobbleMm: 1.5, shell: { mm: 3, hu: 70 } };
export const MYOCARDIUM: Tissue = { hu: 105, grainHu: 6, wobbleMm: 1 };
export const BLOOD: Tissue = { hu: 165, grainHu: 3 };
/** As that of the arteries in the portal venous phase, not in others. */
export const VENOUS_BLOOD: Tissue = { ...BLOOD };
export const PORTAL_BLOOD: Tissue = { ...BLOOD };
export const LUNG_VESSEL: Tissue = { hu: 140, grainHu: 3 };
export const LIVER_VESSEL: Tissue = { hu: 168, grainHu: 3 };
export const AIRWAY: Tissue = { hu: -990, grainHu: 0, shell: { mm: 1.6, hu: 10 } };
export const OESOPHAGUS: Tissue = { hu: 48, grainHu: 8, wobbleMm: 0.8 };
export const NERVE: Tissue = { hu: 36, grainHu: 4 };
export const CANAL: Tissue = { hu: 14, grainHu: 4 };
export const DISC: Tissue = { hu: 82, grainHu: 8 };
export const VERTEBRA: Tissue = { hu: 185, grainHu: 32, shell: { mm: 2, hu: 420 } };
export const BONE: Tissue = { hu: 260, grainHu: 40, shell: { mm: 2.4, hu: 820 } };
export const CARTILAGE: Tissue = { hu: 110, grainHu: 14 };
