/**
 * Sentences about a lesion, in the language of the reader.
 * @module
 */
import type { Words } from '../i18n/words.ts';
import type { Diameter, LesionSizes, Observation } from '../lesions/types.ts';
import { standingOf, wholeMm } from './standing.ts';
import type { SizeChange } from './standing.ts';

/** A number with the decimal mark of the language. */
export function decimalText(value: number, digits: number, { decimal }: Words): string {
  return value.toFixed(digits).replace('.', decimal);
}

/** One decimal at most: "12", "12.5". */
export function mmText(mm: number, { decimal }: Words): string {
  return String(Math.round(mm * 10) / 10).replace('.', decimal);
}

/** How far a place can be trusted; empty where the reader has set it. */
export function certaintyText(observation: Observation, words: Words): string {
  const { carriedOver } = observation;
  const { certainty } = words;
  const standing = standingOf(observation);
  if (carriedOver === undefined || standing === 'corrected') return '';
  const { provenance, outOfView } = carriedOver;
  const radius = certainty.radius(wholeMm(provenance.errorRadiusMm));
  switch (provenance.verdict) {
    case 'matched':
      return radius;
    case 'uncertain':
      return standing === 'uncertain' ? certainty.uncertain(radius) : radius;
    case 'out-of-view':
      return certainty.outOfView(outOfView.map((side) => certainty.sides[side]));
    case 'absent':
      return standing === 'absent' ? certainty.absent : '';
  }
}

/** "larger: about 12 mm, was 6 mm"; empty where nothing was measured. */
export function sizesText(sizes: LesionSizes | undefined, { size }: Words): string {
  if (sizes === undefined) return '';
  const later = sizes.laterMm === undefined ? undefined : wholeMm(sizes.laterMm);
  const earlier = sizes.earlierMm === undefined ? undefined : wholeMm(sizes.earlierMm);
  if (later === undefined) return earlier === undefined ? '' : size.gone(earlier);
  if (earlier === undefined) return size.appeared(later);
  if (sizes.isUnchanged) return size.unchanged(later);
  return later > earlier || (sizes.laterMm ?? 0) > (sizes.earlierMm ?? 0)
    ? size.larger(later, earlier)
    : size.smaller(later, earlier);
}

/** "24 × 12 mm"; empty without diameters. */
export function axesText(
  longAxis: Diameter | undefined,
  shortAxis: Diameter | undefined,
  words: Words,
): string {
  if (longAxis === undefined) return '';
  const short = shortAxis === undefined ? undefined : mmText(shortAxis.mm, words);
  return words.size.axes(mmText(longAxis.mm, words), short);
}

/** "12 % larger"; empty where no change is known. */
export function changeText({ percent }: SizeChange, { size }: Words): string {
  if (percent === undefined) return '';
  if (percent === 0) return size.same;
  return percent > 0 ? size.grown(percent) : size.shrunk(-percent);
}
