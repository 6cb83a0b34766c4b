/**
 * Decoded slices to one volume: the checks of docs/volumes.md in the order in which they make sense to a reader.
 * @module
 */
import { SamepointError } from '../errors/index.ts';
import { ownFrameOfReference } from '../volume/index.ts';
import type { FrameHeader, Omitted, Remark } from '../instances/index.ts';
import type { InPlanePlan } from '../resampling/reduction/types.ts';
import { reducedVoxels } from '../resampling/index.ts';
import type { SliceSource, Volume, VolumeWarning } from '../volume/types.ts';
import { volumeWarning } from './warnings.ts';
import { checkConsistency, checkSeries } from './consistency.ts';
import { dropDuplicates } from './duplicates.ts';
import { requireHounsfield } from './hounsfield.ts';
import { otherForm } from '../instances/index.ts';
import { keepMajority, refuseOdd } from './majority.ts';
import { byIdentity } from './slice.ts';
import type { PlacedSlice } from './slice.ts';
import type { SliceStore } from './sliceStore.ts';
import { planSpacing } from './spacing.ts';
import type { SliceBlend, SpacingPlan } from './spacing.ts';
import { placeSlices, stackAffine } from './stacking.ts';

/** A volume needs this many slices: with fewer, even spacing cannot be checked. */
const MIN_SLICES = 3;

/** What was found beside the slices. */
export interface Beside {
  readonly omitted: Omitted;
  /** One of each instance that has any. */
  readonly remarks: readonly Remark[];
}

/**
 * Builds the volume in the memory of the slices, in steps; it needs little more than one volume.
 * @param plan what the slices like that of the plan keep of their pixels; all where it is not given
 * @throws SamepointError of the volume/ catalogue
 */
export function* buildVolume(
  store: SliceStore,
  { omitted, remarks }: Beside,
  plan?: InPlanePlan,
): Generator<void, Volume> {
  if (store.length === 0) refuseNothing(omitted);
  checkSeries(store.slices.map(({ header }) => header));
  const majority = keepMajority(store.slices, omitted.odd);
  checkConsistency([...majority.slices].sort(byIdentity).map(({ header }) => header));
  const unique = yield* dropDuplicates(placeSlices(majority.slices));
  refuseFew(unique.slices.length);
  const spacing = planSpacing(unique.slices.map(({ positionMm }) => positionMm));
  const stack = stackAffine(unique.slices, spacing.spacingMm);
  const [first] = unique.slices;
  if (first === undefined) throw new RangeError('no slice remains');
  const { columns, rows, studyInstanceUid, seriesInstanceUid, frameOfReferenceUid, modality, bodyPart } =
    first.header;
  const data = yield* blendSlices(store, unique.slices, spacing.blends);
  if (modality === 'CT') requireHounsfield(data);
  const isReduced = plan !== undefined && otherForm(plan.of, first.header) === undefined;
  return {
    dims: [columns, rows, spacing.blends.length],
    voxelToLps: stack.voxelToLps,
    slices: spacing.blends.map((blend, slot) => sourceOf(unique.slices, spacing, blend, slot)),
    data,
    ...(isReduced && { reduced: reducedVoxels(plan, spacing.blends.length, stack.voxelToLps) }),
    studyInstanceUid,
    seriesInstanceUid,
    frameOfReferenceUid,
    modality,
    ...(bodyPart === undefined ? {} : { bodyPart }),
    warnings: [
      ...omittedWarnings(omitted),
      ...majority.warnings,
      ...frameOfReferenceWarnings(first.header),
      ...remarkWarnings(remarks),
      ...unique.warnings,
      ...spacing.warnings,
      ...stack.warnings,
    ],
  };
}

function refuseNothing({ localizers, objects, odd }: Omitted): never {
  refuseOdd(odd);
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

function omittedWarnings({ localizers, objects }: Omitted): readonly VolumeWarning[] {
  const count = objects.length;
  return [
    ...(localizers > 0 ? [volumeWarning('volume/localizers-left-out', { count: localizers })] : []),
    ...(count > 0 ? [volumeWarning('volume/objects-left-out', { count, kinds: kindsOf(objects) })] : []),
  ];
}

function frameOfReferenceWarnings({
  frameOfReferenceUid,
  seriesInstanceUid,
}: FrameHeader): readonly VolumeWarning[] {
  const isNamed = frameOfReferenceUid !== ownFrameOfReference(seriesInstanceUid);
  return isNamed ? [] : [volumeWarning('volume/no-frame-of-reference', {})];
}

function remarkWarnings(remarks: readonly Remark[]): readonly VolumeWarning[] {
  const differing = remarks.filter(({ code }) => code === 'volume/stream-differs');
  const [found = ''] = differing.map((remark) => remark.found).sort();
  const unended = remarks.length - differing.length;
  return [
    ...(unended > 0 ? [volumeWarning('volume/no-end-marker', { count: unended })] : []),
    ...(differing.length > 0
      ? [volumeWarning('volume/stream-differs', { count: differing.length, found })]
      : []),
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

/**
 * Puts each slice of the grid where it belongs, interpolated where it must be. In place where each is made of slices that lie at or
 * before its own place, as where gaps are filled: then the last one is made first.
 */
function* blendSlices(
  store: SliceStore,
  slices: readonly PlacedSlice[],
  blends: readonly SliceBlend[],
): Generator<void, Int16Array | Float32Array> {
  const cells = slices[0]?.values.length ?? 0;
  const isInPlace = blends.every(({ lower, weight }, slot) => lower + (weight > 0 ? 1 : 0) <= slot);
  const sorted = yield* store.volumeOf(slices, Math.max(slices.length, blends.length));
  const length = cells * blends.length;
  const data = isInPlace ? sorted.subarray(0, length) : new (typeOf(sorted))(length);
  for (const [slot, { lower, weight }] of [...blends.entries()].reverse()) {
    const below = sorted.subarray(lower * cells, (lower + 1) * cells);
    const target = data.subarray(slot * cells, (slot + 1) * cells);
    if (weight > 0) mix(target, below, sorted.subarray((lower + 1) * cells, (lower + 2) * cells), weight);
    else if (!isInPlace || lower !== slot) target.set(below);
    else continue;
    yield;
  }
  return data;
}

function typeOf(array: Int16Array | Float32Array): typeof Int16Array | typeof Float32Array {
  return array instanceof Int16Array ? Int16Array : Float32Array;
}

/** (1 - weight) * below + weight * above; the target may be one of them. */
function mix(
  target: Int16Array | Float32Array,
  below: Int16Array | Float32Array,
  above: Int16Array | Float32Array,
  weight: number,
): void {
  const isInt = target instanceof Int16Array;
  for (let index = 0; index < target.length; index += 1) {
    const value = (1 - weight) * (below[index] ?? 0) + weight * (above[index] ?? 0);
    target[index] = isInt ? Math.round(value) : value;
  }
}
