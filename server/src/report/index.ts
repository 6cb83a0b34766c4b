/**
 * Reports that Samepoint writes: confirmed pairs, and the lesions of a time point, as DICOM SR, and back.
 * @module
 */
export { buildReport } from './buildReport.ts';
export { ENHANCED_SR as REPORT_SOP_CLASS } from './header.ts';
export { SCOORD_OFFSET } from './measurementGroup.ts';
export { readReport } from './readReport.ts';
export { createReportReader, MAX_REPORT_BYTES } from './reportReader.ts';
export type { ReportReader } from './reportReader.ts';
export type {
  AlgorithmIdentification,
  ConfirmedPair,
  ReadReport,
  ReportRequest,
  SeriesPoint,
} from './types.ts';
export { timePointOf } from './timePoint/assessment.ts';
export { buildTimePointReport } from './timePoint/buildTimePointReport.ts';
export { ownObservationOf } from './timePoint/readObservation.ts';
export type { OwnObservation } from './timePoint/readObservation.ts';
export { LESION_ROLES, OBSERVATION_STATUSES, RESPONSES, REVIEWS } from './timePoint/types.ts';
export type {
  Assessment,
  CarriedOver,
  ConfirmedObservation,
  Diameter,
  LesionObservation,
  LesionRole,
  ObservationStatus,
  PatientDiameter,
  ReplacedReport,
  TimePoint,
  TimePointRecord,
  TimePointReportRequest,
} from './timePoint/types.ts';
export { PROVENANCE_NAME } from './validation.ts';
