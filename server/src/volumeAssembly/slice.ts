import type { FrameHeader } from '../instances/index.ts';

/** A decoded frame. */
export interface DecodedSlice {
  readonly header: FrameHeader;
  /** Modality values, row by row. */
  readonly values: Int16Array | Float32Array;
}

/** A decoded frame and its place along the common normal, mm from the LPS origin. */
export interface PlacedSlice extends DecodedSlice {
  readonly positionMm: number;
}

/** An order that does not depend on the order of arrival: by instance, then by frame. */
export function byIdentity(a: DecodedSlice, b: DecodedSlice): number {
  const [first, second] = [a.header.source, b.header.source];
  if (first.sopInstanceUid !== second.sopInstanceUid) {
    return first.sopInstanceUid < second.sopInstanceUid ? -1 : 1;
  }
  return (first.frameNumber ?? 0) - (second.frameNumber ?? 0);
}
