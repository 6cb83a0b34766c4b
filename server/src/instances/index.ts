/**
 * One Part 10 instance to the frames it holds: parsed, decoded in worker threads, digested.
 * @module
 */
export { ContentDigest, encodedDigest } from './contentDigest.ts';
export { createFrameDecoder } from './decoding/frameDecoder.ts';
export { MAX_ANGLE_DEGREES, isOtherSpacing, otherForm, turnBetween, unlikeness } from './likeness.ts';
export type { FrameHeader, OddImage, Omitted, ReadInstance, Remark } from './parsing/frame.ts';
export { MAX_SLICES } from './parsing/multiFrame.ts';
export { decodedOf } from './readInstance.ts';
export type { FrameDecoder, ReadTask } from './readInstance.ts';
