/**
 * From the positions of the slices to a regular grid along the normal: which slices are copied, which are interpolated,
 * and what is refused. docs/volumes.md explains the limits.
 * @module
 */
import { SamepointError } from '../errors/index.ts';
import type { VolumeWarning } from '../volume/types.ts';
import { volumeWarning } from './warnings.ts';

/**
 * A slice may be off the regular grid by this part of the slice distance, or by this many mm, whichever is more:
 * positions rounded to 0.1 mm, and table steps that are not quite even.
 */
const RELATIVE_TOLERANCE = 0.05;
const TOLERANCE_MM = 0.1;

/**
 * Neighbours at most this far apart may be bridged by interpolation, mm: twice the thickest usual slice. In a wider gap a
 * lesion worth finding could be lost whole.
 */
const MAX_BRIDGED_MM = 10;

/** At most this part of the slices may be interpolated because they are missing; one always may. */
const MAX_FILLED_FRACTION = 0.1;

/** At most this many times as many slices after resampling irregular ones: near-duplicates must not blow up a volume. */
const MAX_GROWTH = 2;

/** One slice of the grid: a mixture (1 - weight) * slices[lower] + weight * slices[lower + 1]. */
export interface SliceBlend {
  readonly lower: number;
  /** 0: slice `lower` unchanged. */
  readonly weight: number;
}

/** A regular grid along the normal. */
export interface SpacingPlan {
  /** Distance between slices of the grid along the normal, mm. */
  readonly spacingMm: number;
  readonly blends: readonly SliceBlend[];
  readonly warnings: readonly VolumeWarning[];
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

/**
 * @param positions of the slices along the normal, mm, strictly increasing, at least two.
 * @throws SamepointError volume/missing-slices, volume/irregular-spacing
 */
export function planSpacing(positions: readonly number[]): SpacingPlan {
  const distances = positions.slice(1).map((position, index) => position - (positions[index] ?? 0));
  const unit = median(distances);
  const range = (positions.at(-1) ?? 0) - (positions[0] ?? 0);
  const even = range / distances.length;
  const consecutive = positions.map((_, index) => index);
  if (fits(positions, consecutive, even)) {
    return { spacingMm: even, blends: consecutive.map((lower) => ({ lower, weight: 0 })), warnings: [] };
  }
  const slots = gridSlots(distances, unit);
  const steps = slots.at(-1) ?? 1;
  return steps < MAX_GROWTH * positions.length && fits(positions, slots, range / steps)
    ? fillGaps(positions, distances, range / steps, steps)
    : resampleIrregular(positions, distances, unit);
}

/** Index of each slice on a grid of the given distance, from rounding the distances one by one. */
function gridSlots(distances: readonly number[], unit: number): readonly number[] {
  const slots = [0];
  for (const distance of distances)
    slots.push((slots.at(-1) ?? 0) + Math.max(1, Math.round(distance / unit)));
  return slots;
}

function tolerance(spacingMm: number): number {
  return Math.max(TOLERANCE_MM, RELATIVE_TOLERANCE * spacingMm);
}

function fits(positions: readonly number[], slots: readonly number[], spacingMm: number): boolean {
  const [origin = 0] = positions;
  return positions.every(
    (position, index) =>
      Math.abs(position - origin - (slots[index] ?? 0) * spacingMm) <= tolerance(spacingMm),
  );
}

function fillGaps(
  positions: readonly number[],
  distances: readonly number[],
  spacingMm: number,
  steps: number,
): SpacingPlan {
  const missing = steps + 1 - positions.length;
  const largestGapMm = Math.max(...distances);
  if (largestGapMm > MAX_BRIDGED_MM || missing > Math.max(1, MAX_FILLED_FRACTION * (steps + 1))) {
    throw new SamepointError('volume/missing-slices', {
      missing,
      present: positions.length,
      largestGapMm,
      spacingMm,
      gapAtMm: positions[distances.indexOf(largestGapMm)] ?? 0,
    });
  }
  const blends = blendsOf(positions, spacingMm, steps);
  const [origin = 0] = positions;
  const atMm = blends.flatMap(({ weight }, slot) => (weight === 0 ? [] : [origin + slot * spacingMm]));
  return {
    spacingMm,
    blends,
    warnings: [volumeWarning('volume/missing-slices-filled', { count: atMm.length, atMm })],
  };
}

function resampleIrregular(
  positions: readonly number[],
  distances: readonly number[],
  unit: number,
): SpacingPlan {
  const [smallestMm, largestMm] = [Math.min(...distances), Math.max(...distances)];
  const range = (positions.at(-1) ?? 0) - (positions[0] ?? 0);
  const steps = Math.max(1, Math.round(range / unit));
  if (largestMm > MAX_BRIDGED_MM || steps > MAX_GROWTH * positions.length) {
    throw new SamepointError('volume/irregular-spacing', { smallestMm, medianMm: unit, largestMm });
  }
  const spacingMm = range / steps;
  return {
    spacingMm,
    blends: blendsOf(positions, spacingMm, steps),
    warnings: [volumeWarning('volume/irregular-spacing-resampled', { smallestMm, largestMm, spacingMm })],
  };
}

/** For each slice of the grid the two neighbours in the series, or one where it is close enough. */
function blendsOf(positions: readonly number[], spacingMm: number, steps: number): readonly SliceBlend[] {
  const [origin = 0] = positions;
  let lower = 0;
  return Array.from({ length: steps + 1 }, (_, slot) => {
    const target = origin + slot * spacingMm;
    while (lower + 2 < positions.length && (positions[lower + 1] ?? Infinity) <= target) lower += 1;
    const [below = 0, above = 0] = positions.slice(lower, lower + 2);
    if (Math.abs(target - below) <= tolerance(spacingMm)) return { lower, weight: 0 };
    if (Math.abs(target - above) <= tolerance(spacingMm)) return { lower: lower + 1, weight: 0 };
    return { lower, weight: (target - below) / (above - below) };
  });
}
