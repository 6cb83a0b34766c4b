/**
 * The HTTP API of the companion server: its own types, so that both sides of the wire are one contract. Type-only:
 * nothing of the server gets into the bundle.
 * @module
 */
import type {
  ReportsAnswer,
  WireConfirmedPair,
  WireError,
  WireJob,
  WireMatchOutcome,
} from '@samepoint/server';

export type {
  MatchAnswer,
  ModelsAnswer,
  ReportAnswer,
  ReportsAnswer,
  WireMatchRequest as MatchRequest,
  WireSeriesWarning as SeriesWarning,
  WireSeriesPoint as SeriesPoint,
  WireSeriesRef as SeriesRef,
} from '@samepoint/server';

export type ConfirmedPair = WireConfirmedPair;
export type MatchProvenance = NonNullable<WireConfirmedPair['provenance']>;
export type ErrorBody = WireError;
export type Job = WireJob;
export type JobProgress = WireJob['progress'];
export type MatchOutcome = WireMatchOutcome;
export type Match = Extract<WireMatchOutcome, { ok: true }>['match'];
export type LesionChange = NonNullable<Match['change']>;
export type NearestPixel = WireConfirmedPair['current']['pixel'];
export type ListedReport = ReportsAnswer['reports'][number];

/** World point: patient LPS, mm. */
export type Lps = readonly [number, number, number];
