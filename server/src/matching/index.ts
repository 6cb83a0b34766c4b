export { createMatcher, matchPoints } from './matcher.ts';
export type { MatcherOptions, PointMatcher } from './matcher.ts';
export type { PreviewRequest } from './preview/index.ts';
export { sharedBytes } from './sharedEmbedding.ts';
export { seriesPointAt } from './seriesPoint.ts';
export { MATCH_METHODS, MATCH_VERDICTS, OUT_OF_VIEW_SIDES, PREVIEW_METHOD } from './types.ts';
export type {
  Match,
  MatchMethod,
  MatchRequest,
  MatchVerdict,
  NearestPixel,
  OutOfViewSide,
  PointOutcome,
  QueryPoint,
  RunnerUp,
  SeriesPoint,
} from './types.ts';
