/** Landmarks of one annotated series in others: templates, made and found. @module */
export { findLandmarks } from './findLandmarks.ts';
export { makeTemplate, REACH_MM } from './makeTemplate.ts';
export {
  decodeTemplate,
  encodeTemplate,
  MAX_LANDMARKS,
  modelOfTemplate,
  templateOf,
  templateSchema,
} from './templateFile.ts';
export type { WireTemplate } from './templateFile.ts';
export type { FoundLandmark, Landmark, LandmarkOutcome, LandmarkTemplate } from './types.ts';
