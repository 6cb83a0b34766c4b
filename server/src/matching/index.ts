export { createMatcher, matchPoints } from './matcher.ts';
export type { MatcherOptions, PointMatcher } from './matcher.ts';
export {
  decodeField,
  encodeField,
  errorRadiusAt,
  FIELD_FORMAT_VERSION,
  FIELD_MEDIA_TYPE,
  mappedBy,
} from './deformation/index.ts';
export type { DeformationField, DeformationRequest, FieldLattice } from './deformation/index.ts';
export type { PairPose } from './pose.ts';
export { coupledConvex, displacementAt, inverseConsistent } from './field/index.ts';
export type { ConvexSettings, DenseMap } from './field/index.ts';
export { pairAffine, pairField, spacesOf } from './pairMap.ts';
export type { PairRequest } from './pairMap.ts';
export { betweenPatients } from './confidence/betweenPatients.ts';
export { seriesPointAt } from './seriesPoint.ts';
export type { PreviewRequest } from './preview/index.ts';
export {
  LESION_CHANGES,
  MATCH_METHODS,
  MATCH_STEPS,
  MATCH_VERDICTS,
  OUT_OF_VIEW_SIDES,
  PREVIEW_METHOD,
  PREVIEW_STEP,
} from './types.ts';
export type {
  Axes,
  LesionChange,
  Match,
  MatchMethod,
  MatchModel,
  MatchRequest,
  MatchVerdict,
  PointOutcome,
  QueryPoint,
  SeriesPoint,
  WeighedFixedPoint,
} from './types.ts';
