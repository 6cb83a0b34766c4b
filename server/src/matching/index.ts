export { matchPoints } from './matchPoints.ts';
export { seriesPointAt } from './seriesPoint.ts';
export { MATCH_METHODS } from './types.ts';
export type {
  Match,
  MatchMethod,
  MatchRequest,
  NearestPixel,
  PointOutcome,
  QueryPoint,
  SeriesPoint,
} from './types.ts';
