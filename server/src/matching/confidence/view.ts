import { lpsPoint } from '../../geometry/index.ts';
import type { LpsPoint } from '../../geometry/index.ts';
import { intoVolume } from '../../matchMethods/index.ts';
import type { OutOfViewSide } from '../types.ts';
import type { Embedding } from '../../embedding/types.ts';

/** A side is named when the point lies this far beyond it, mm; less is rounding at a corner. */
const NAMED_FROM_MM = 1;

/** Where a point lies beyond a volume: the vector from the nearest point inside, LPS mm; zeros inside. */
export function beyond(volume: Embedding['volume'], lps: LpsPoint): LpsPoint {
  const [x, y, z] = intoVolume(volume, lps);
  return lpsPoint(lps[0] - x, lps[1] - y, lps[2] - z);
}

/** Sides of the volume beyond which a vector of {@link beyond} points, the farthest first. */
export function sidesOf([x, y, z]: LpsPoint): readonly OutOfViewSide[] {
  const sides: readonly (readonly [OutOfViewSide, number])[] = [
    ['left', x],
    ['right', -x],
    ['posterior', y],
    ['anterior', -y],
    ['superior', z],
    ['inferior', -z],
  ];
  return sides
    .filter(([, mm]) => mm >= NAMED_FROM_MM)
    .sort(([, a], [, b]) => b - a)
    .map(([side]) => side);
}
