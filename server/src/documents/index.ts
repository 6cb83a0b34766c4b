/**
 * What every DICOM object that Samepoint writes or reads back is made with: data sets by keyword, what it shares with the images of its
 * study, UIDs, dates, texts.
 * @module
 */
export { dataset } from './dataset.ts';
export type { Dataset } from './dataset.ts';
export { dicomDateTime, notBefore, parseDateTime } from './dateTime.ts';
export { decimalString } from './decimalString.ts';
export { createDocumentReader } from './documentReader.ts';
export { fileMeta, IMPLEMENTATION_CLASS_UID } from './fileMeta.ts';
export { LABEL_LENGTH, labelProblem } from './label.ts';
export { offsetValue } from './legacyValues.ts';
export { ownAttributes } from './ownAttributes.ts';
export { convert, ForeignReport, parsePart10 } from './parsePart10.ts';
export { sharedAttributes } from './sharedAttributes.ts';
export { derivedUids, newUid, randomUids } from './uid.ts';
export type { ReportUids } from './uid.ts';
export type { BuiltReport, InstanceAttributes } from './types.ts';
