/** Two embeddings and a point to a match: the methods in threads, verdict and error radius. @module */
export { createMatcher, matchPoints } from './matcher.ts';
export type { MatcherOptions, PointMatcher } from './matcher.ts';
export type { DeformationRequest } from './pairDeformation/types.ts';
export type { PairPose } from './pose.ts';
export { pairAffine, pairField, spacesOf } from './pairMap.ts';
export type { PairAffine, PairRequest } from './pairMap.ts';
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
  SimilarityRequest,
} from './types.ts';
