import { differenceOf, lacksEndMarker } from '../../codecs/index.ts';
import type { ParsedFrame, Remark } from './frame.ts';

/** What is unusual in the code streams of an instance, each kind once. */
export function remarksOn(frames: readonly ParsedFrame[]): readonly Remark[] {
  const differences = frames.map(({ encoded }) => differenceOf(encoded));
  const found = differences.find((difference) => difference !== undefined);
  return [
    ...(frames.some(({ encoded }) => lacksEndMarker(encoded)) ? [NO_END_MARKER] : []),
    ...(found === undefined ? [] : [{ code: 'volume/stream-differs', found } as const]),
  ];
}

const NO_END_MARKER: Remark = { code: 'volume/no-end-marker', found: '' };
