export { decodeFrame } from './decodeFrame.ts';
export { EXPLICIT_VR_BIG_ENDIAN, codecOf, transferSyntaxes } from './transferSyntaxes.ts';
