/**
 * Which images of a series are its slices. Screen saves, dose pages and scouts are sent as images of the series that they belong to;
 * a few of them are omitted; where there are more, it is not known which are meant.
 * @module
 */
import { SamepointError } from '../errors/index.ts';
import type { VolumeWarning } from '../volume/types.ts';
import { volumeWarning } from './warnings.ts';
import type { OddImage } from '../instances/index.ts';
import { unlikeness } from '../instances/index.ts';
import { byIdentity } from './slice.ts';
import type { DecodedSlice } from './slice.ts';

/** At most this share of the images of a series is omitted. */
const MOST_ODD_SHARE = 0.2;
/** Slices that remain at least: those of a volume. */
const FEWEST_ALIKE = 3;
/** Groups of images that are distinguished: of more, none is most of the series. */
const MAX_GROUPS = 8;

/** The slices of a series, and what was omitted. */
export interface Majority {
  readonly slices: readonly DecodedSlice[];
  readonly warnings: readonly VolumeWarning[];
}

/**
 * Keeps the images that are like most of the others; all of them where too many differ, to be refused with the reason.
 * @param odd images that cannot be slices
 * @throws SamepointError what the odd images would be refused for by themselves, where they are too many
 */
export function keepMajority(slices: readonly DecodedSlice[], odd: readonly OddImage[]): Majority {
  const groups = groupsOf([...slices].sort(byIdentity));
  const largest = groups.reduce((a, b) => (b.length > a.length ? b : a), []);
  const images = slices.length + odd.length;
  const isMost = largest.length >= FEWEST_ALIKE && images - largest.length <= MOST_ODD_SHARE * images;
  if (!isMost) {
    refuseOdd(odd);
    return { slices, warnings: [] };
  }
  const [first] = largest;
  const others = groups.filter((group) => group !== largest).flat();
  const kinds = [
    ...odd.map(kindOf),
    ...others.map((other) => (first && unlikeness(first.header, other.header)) ?? ''),
  ];
  const left = { count: kinds.length, kinds: [...new Set(kinds)].sort() };
  return {
    slices: largest,
    warnings: kinds.length === 0 ? [] : [volumeWarning('volume/odd-images-left-out', left)],
  };
}

/** @throws SamepointError the reason of the first of them, whatever the order in which they came */
export function refuseOdd(odd: readonly OddImage[]): void {
  const [first] = [...odd].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  if (first !== undefined) throw new SamepointError(first.code, first.fields);
}

function groupsOf(slices: readonly DecodedSlice[]): readonly (readonly DecodedSlice[])[] {
  const groups: DecodedSlice[][] = [];
  for (const slice of slices) {
    const own = groups.find(
      ([first]) => first !== undefined && unlikeness(first.header, slice.header) === undefined,
    );
    if (own !== undefined) own.push(slice);
    else if (groups.length < MAX_GROUPS) groups.push([slice]);
    else return [];
  }
  return groups;
}

/** What is odd about an image, in a few words. */
function kindOf({ code, fields }: OddImage): string {
  if (code === 'volume/colour-image') return 'in colour';
  const what = ['attribute', 'modality', 'found', 'name'].map((name) =>
    new Map<string, unknown>(Object.entries(fields)).get(name),
  );
  const [named = ''] = what.filter((value) => typeof value === 'string');
  if (code === 'volume/missing-attribute') return `without ${named}`;
  return code === 'volume/invalid-attribute' ? `with a wrong ${named}` : named;
}
