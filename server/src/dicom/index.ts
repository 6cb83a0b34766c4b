/**
 * Foundation: attributes and their tags, UIDs, the DICOM JSON model, and reading DICOM bytes that somebody else wrote, with limits.
 * @module
 */
export { ATTRIBUTES, parserTagOf, tagOf } from './attributes.ts';
export type { Keyword } from './attributes.ts';
export { decoderOf } from './characterSet.ts';
export { isDicomJson, itemsOf, numberOf, numbersOf, stringOf, stringsOf, valuesOf } from './dicomJson.ts';
export type { DicomElement, DicomJson } from './dicomJson.ts';
export { EXISTING_UID, isUid, isWellFormedUid, MAX_UID_CHARACTERS } from './uid.ts';
export { headerJson } from './headerJson.ts';
export { fileKind } from './fileKind.ts';
export { joined } from './joined.ts';
export { inflateDataSet } from './inflate.ts';
export {
  DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN,
  parsePart10,
  readHeader,
  reading,
  UnreadableDicom,
} from './parsePart10.ts';
export { withoutPadding, withoutTrailing } from './text.ts';
export { sopInstanceUidOfDataSet } from './dataSetIdentity.ts';
export { parseNativeXml } from './nativeXml.ts';
export { readFileMeta } from './part10.ts';
