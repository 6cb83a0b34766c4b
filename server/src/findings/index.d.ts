/**
 * The findings of structured reports, segmentations and structure sets, whoever wrote them, and their places in the images of the study.
 * @module
 */
export { createFindingsReader, MAX_DOCUMENT_BYTES } from './findingsReader.ts';
export type { FindingsReader } from './findingsReader.ts';
export { inImages } from './inImage.ts';
export { imagesOfFinding, placeFinding } from './place.ts';
export type { PlaneOf } from './place.ts';
export { imagePlaneOrReason } from './plane.ts';
export type { ImagePlane } from './plane.ts';
export { FINDING_KINDS, FINDING_SOURCES } from './types.ts';
export type { DocumentFinding, Finding, FindingImage, FindingsDocument, FindingSource, ReadFindings, UnreadFindings, } from './types.ts';
