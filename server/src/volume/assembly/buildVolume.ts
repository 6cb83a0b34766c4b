/**
 * Decoded slices to one volume: the checks of docs/volumes.md in the order in which they make sense to a reader.
 * @module
 */
import { SamepointError } from '../../errors/index.ts';
import { takeTurns } from '../../threads/index.ts';
import type { LeftOut } from '../parsing/frame.ts';
import type { SliceSource, Volume, VolumeWarning } from '../types.ts';
import { volumeWarning } from '../warnings.ts';
import { checkConsistency } from './consistency.ts';
import { dropDuplicates } from './duplicates.ts';
import { byIdentity } from './slice.ts';
import type { DecodedSlice, PlacedSlice } from './slice.ts';
import { planSpacing } from './spacing.ts';
import type { SliceBlend, SpacingPlan } from './spacing.ts';
import { placeSlices, stackAffine } from './stacking.ts';

/** A volume needs this many slices: with fewer, nothing tells whether they are evenly spaced. */
export const MIN_SLICES = 3;

/**
 * Builds the volume, with turns for other requests. Takes the slices over: their values are released as they are copied, so
 * that the peak is little more than one volume.
 * @throws SamepointError of the volume/ catalogue
 */
export async function buildVolume(slices: DecodedSlice[], leftOut: LeftOut): Promise<Volume> {
  if (slices.length === 0) refuseNothing(leftOut);
  checkConsistency([...slices].sort(byIdentity).map(({ header }) => header));
  const unique = await dropDuplicates(placeSlices(slices));
  slices.length = 0;
  refuseFew(unique.slices.length);
  const plan = planSpacing(unique.slices.map(({ positionMm }) => positionMm));
  const stack = stackAffine(unique.slices, plan.spacingMm);
  const [first] = unique.slices;
  if (first === undefined) throw new RangeError('no slice is left');
  const { columns, rows, studyInstanceUid, seriesInstanceUid, frameOfReferenceUid, modality, bodyPart } =
    first.header;
  return {
    dims: [columns, rows, plan.blends.length],
    voxelToLps: stack.voxelToLps,
    slices: plan.blends.map((blend, slot) => sourceOf(unique.slices, plan, blend, slot)),
    data: await blendSlices([...unique.slices], plan.blends),
    studyInstanceUid,
    seriesInstanceUid,
    frameOfReferenceUid,
    modality,
    ...(bodyPart === undefined ? {} : { bodyPart }),
    warnings: [...leftOutWarnings(leftOut), ...unique.warnings, ...plan.warnings, ...stack.warnings],
  };
}

function refuseNothing({ localizers, objects }: LeftOut): never {
  if (localizers === 0 && objects.length === 0) throw new SamepointError('volume/empty-series', {});
  const found = [
    ...(localizers > 0 ? [`${String(localizers)} localizer images`] : []),
    ...kindsOf(objects).map(
      (kind) => `${String(objects.filter((object) => object === kind).length)} x ${kind}`,
    ),
  ];
  throw new SamepointError('volume/no-volume-images', { found });
}

function kindsOf(objects: readonly string[]): readonly string[] {
  return [...new Set(objects)].sort();
}

function refuseFew(found: number): void {
  if (found === 1) throw new SamepointError('volume/single-slice', {});
  if (found < MIN_SLICES) throw new SamepointError('volume/too-few-slices', { found, needed: MIN_SLICES });
}

function leftOutWarnings({ localizers, objects }: LeftOut): readonly VolumeWarning[] {
  const count = objects.length;
  return [
    ...(localizers > 0 ? [volumeWarning('volume/localizers-left-out', { count: localizers })] : []),
    ...(count > 0 ? [volumeWarning('volume/objects-left-out', { count, kinds: kindsOf(objects) })] : []),
  ];
}

/** The instance that shows a slice of the grid: its own, or the nearer neighbour of an interpolated one. */
function sourceOf(
  slices: readonly PlacedSlice[],
  { spacingMm }: SpacingPlan,
  { lower, weight }: SliceBlend,
  slot: number,
): SliceSource {
  const nearest = slices[lower + Math.round(weight)];
  if (nearest === undefined) throw new RangeError(`slice ${String(lower)} does not exist`);
  if (weight === 0) return nearest.header.source;
  const planeOffsetMm = nearest.positionMm - (slices[0]?.positionMm ?? 0) - slot * spacingMm;
  return { ...nearest.header.source, planeOffsetMm };
}

/** Copies or interpolates each slice of the grid; drops slices that no later one needs. */
async function blendSlices(
  slices: (PlacedSlice | undefined)[],
  blends: readonly SliceBlend[],
): Promise<Int16Array | Float32Array> {
  const cells = slices[0]?.values.length ?? 0;
  const integral = slices.every((slice) => slice?.values instanceof Int16Array);
  const length = cells * blends.length;
  const data = integral ? new Int16Array(length) : new Float32Array(length);
  const turn = takeTurns();
  for (const [slot, { lower, weight }] of blends.entries()) {
    await turn();
    const below = slices[lower]?.values;
    if (below === undefined) throw new RangeError(`slice ${String(lower)} was released too early`);
    data.set(below, slot * cells);
    if (weight > 0) mixIn(data.subarray(slot * cells, (slot + 1) * cells), slices[lower + 1]?.values, weight);
    slices.fill(undefined, 0, blends[slot + 1]?.lower ?? slices.length);
  }
  return data;
}

function mixIn(
  target: Int16Array | Float32Array,
  above: ArrayLike<number> | undefined,
  weight: number,
): void {
  if (above === undefined) throw new RangeError('an interpolated slice needs two neighbours');
  const isInt = target instanceof Int16Array;
  for (let index = 0; index < target.length; index += 1) {
    const value = (1 - weight) * (target[index] ?? 0) + weight * (above[index] ?? 0);
    target[index] = isInt ? Math.round(value) : value;
  }
}
