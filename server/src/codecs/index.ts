export { differenceOf } from './agreement.ts';
export { decodeFrame, omissibleLevelsOf } from './decodeFrame.ts';
export { lacksEndMarker } from './endOfStream.ts';
export { sizeAtLevel } from './lowPass.ts';
export { EXPLICIT_VR_BIG_ENDIAN, codecOf, transferSyntaxes } from './transferSyntaxes.ts';
