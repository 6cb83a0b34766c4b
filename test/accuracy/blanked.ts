/**
 * Some head-neck CTs are cut around the target: below or above it everything but one organ (the cord, the brain) is air.
 * Whole slices then hold a remnant that is smaller than any cross-section of a head, a neck or shoulders.
 * @module
 */
import { spacingOf } from '../../server/src/geometry/index.ts';
import type { Volume } from '../../server/src/volume/index.ts';

/** Soft tissue and fat lie above, HU. */
const BODY_HU = -500;
/** A slice with less body than this, cm², shows no whole neck (about 100 cm² in adults), only a remnant. */
const REMNANT_CM2 = 60;
/** Less than this, cm², is an empty slice: the scan ends there, nothing is cut out. */
const EMPTY_CM2 = 0.5;
/** The top of a skull has small slices too, over about a centimetre; remnants go on for longer, mm. */
const REMNANT_MM = 20;
const MM2_PER_CM2 = 100;

/** Area of the body in each slice, cm². */
export function bodyAreas({ dims, data, voxelToLps }: Volume): number[] {
  const [nx, ny, nz] = dims;
  const [dx, dy] = spacingOf(voxelToLps);
  return Array.from({ length: nz }, (_, k) => {
    let count = 0;
    for (let at = k * nx * ny; at < (k + 1) * nx * ny; at++) if ((data[at] ?? NaN) > BODY_HU) count++;
    return (count * dx * dy) / MM2_PER_CM2;
  });
}

/** Length of the scan whose slices hold only a remnant of the body, mm. */
export function remnantMm(volume: Volume): number {
  const remnants = bodyAreas(volume).filter((area) => area >= EMPTY_CM2 && area < REMNANT_CM2);
  return remnants.length * spacingOf(volume.voxelToLps)[2];
}

/**
 * True for a head-neck CT that is cut around its target. On the 237 patients of `headneck/` the lengths are two groups:
 * 124 have at most 18 mm, mostly 0, the others up to 198 mm.
 */
export function isBlanked(volume: Volume): boolean {
  return remnantMm(volume) > REMNANT_MM;
}
