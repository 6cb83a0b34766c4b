/**
 * The HTTP API of the companion server: its own types, so that both sides of the wire are one contract. Type-only:
 * nothing of the server gets into the bundle.
 * @module
 */
import type {
  ReportsAnswer,
  WireConfirmedPair,
  WireError,
  WireFinding,
  WireJob,
  WireLesionObservation,
  WireMatchOutcome,
} from '@samepoint/server';

export type {
  FindingsAnswer,
  MatchAnswer,
  ModelsAnswer,
  PriorsAnswer,
  ReportAnswer,
  ReportsAnswer,
  WireAssessment as Assessment,
  WireComparableSeries as ComparableSeries,
  WireFinding as Finding,
  WireLesionObservation as ReportedObservation,
  WireMatchRequest as MatchRequest,
  WireSeriesWarning as SeriesWarning,
  WireSeriesPoint as SeriesPoint,
  WireSeriesRef as SeriesRef,
  WireTimePointReportRequest as TimePointReportRequest,
  WireTimePointStudy as TimePointStudy,
} from '@samepoint/server';

export type ConfirmedPair = WireConfirmedPair;
export type MatchProvenance = NonNullable<WireConfirmedPair['provenance']>;
export type ErrorBody = WireError;
export type Job = WireJob;
export type JobProgress = WireJob['progress'];
export type MatchOutcome = WireMatchOutcome;
export type Match = Extract<WireMatchOutcome, { ok: true }>['match'];
export type MatchOutOfView = NonNullable<Match['outOfView']>;
export type Axes = NonNullable<Match['axes']>;
export type CodedConcept = WireFinding['sites'][number];
export type LesionRole = WireLesionObservation['role'];
export type ObservationStatus = WireLesionObservation['status'];
export type LesionChange = NonNullable<Match['change']>;
export type NearestPixel = WireConfirmedPair['current']['pixel'];
export type ListedReport = ReportsAnswer['reports'][number];

/** World point: patient LPS, mm. */
export type Lps = readonly [number, number, number];
