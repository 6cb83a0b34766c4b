/**
 * Foundation: reading DICOM bytes that somebody else wrote, with limits.
 * @module
 */
export { inflateDataSet } from './inflate.ts';
export {
  DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN,
  parsePart10,
  readHeader,
  reading,
  UnreadableDicom,
} from './parsePart10.ts';
export { withoutPadding, withoutTrailing } from './text.ts';
