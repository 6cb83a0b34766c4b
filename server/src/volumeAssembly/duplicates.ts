import { SamepointError } from '../errors/index.ts';
import type { VolumeWarning } from '../volume/types.ts';
import { volumeWarning } from './warnings.ts';
import { norm, plus } from '../geometry/index.ts';
import type { PlacedSlice } from './slice.ts';

/** Slices closer than this are at the same place: positions are written with two decimals and more, slices are thicker. */
const SAME_POSITION_MM = 0.01;

/** Values of an attribute that an error lists. */
const MAX_LISTED = 20;

/**
 * Keeps one of each set of slices with the same place and content, in steps.
 * @param slices in the order of their position.
 * @throws SamepointError volume/conflicting-slices where the content differs
 */
export function* dropDuplicates(slices: readonly PlacedSlice[]): Generator<
  void,
  {
    readonly slices: readonly PlacedSlice[];
    readonly warnings: readonly VolumeWarning[];
  }
> {
  const groups = groupByPosition(slices);
  yield* refuseConflicts(groups);
  const dropped = groups.flatMap((group) => group.slice(1));
  const sopInstanceUids = dropped.map(({ header }) => header.source.sopInstanceUid);
  return {
    slices: groups.flatMap((group) => group.slice(0, 1)),
    warnings:
      dropped.length === 0
        ? []
        : [volumeWarning('volume/duplicates-dropped', { count: dropped.length, sopInstanceUids })],
  };
}

function groupByPosition(slices: readonly PlacedSlice[]): readonly (readonly PlacedSlice[])[] {
  const groups: PlacedSlice[][] = [];
  for (const slice of slices) {
    const current = groups.at(-1);
    const first = current?.[0];
    if (
      current !== undefined &&
      first !== undefined &&
      slice.positionMm - first.positionMm <= SAME_POSITION_MM
    ) {
      current.push(slice);
    } else {
      groups.push([slice]);
    }
  }
  return groups;
}

function isSame(a: PlacedSlice, b: PlacedSlice): boolean {
  return (
    norm(plus(a.header.position, b.header.position, -1)) <= 2 * SAME_POSITION_MM &&
    a.values.length === b.values.length &&
    a.values.every((value, index) => value === b.values[index])
  );
}

function* hasConflict([first, ...others]: readonly PlacedSlice[]): Generator<void, boolean> {
  for (const other of others) {
    yield;
    if (first !== undefined && !isSame(first, other)) return true;
  }
  return false;
}

function* refuseConflicts(groups: readonly (readonly PlacedSlice[])[]): Generator<void, void> {
  const conflicts: (readonly PlacedSlice[])[] = [];
  for (const group of groups) if (yield* hasConflict(group)) conflicts.push(group);
  const [first] = conflicts;
  if (first?.[0] === undefined) return;
  throw new SamepointError('volume/conflicting-slices', {
    positions: conflicts.length,
    slices: conflicts.flat().length,
    firstPositionMm: first[0].positionMm,
    differing: differingTraits(first),
    sopInstanceUids: first.map(({ header }) => header.source.sopInstanceUid),
  });
}

/** Attributes whose values differ within a group, e.g. `AcquisitionNumber (1, 2)`. */
function differingTraits(group: readonly PlacedSlice[]): readonly string[] {
  const keywords = new Set(group.flatMap(({ header }) => Object.keys(header.traits)));
  return [...keywords].flatMap((keyword) => {
    const values = new Set(group.map(({ header }) => header.traits[keyword] ?? 'absent'));
    return values.size > 1 ? [`${keyword} (${[...values].slice(0, MAX_LISTED).join(', ')})`] : [];
  });
}
