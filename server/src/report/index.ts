export { buildReport } from './buildReport.ts';
export { ENHANCED_SR as REPORT_SOP_CLASS } from './header.ts';
export { readReport } from './readReport.ts';
export { createReportReader, MAX_REPORT_BYTES } from './reportReader.ts';
export type { ReportReader } from './reportReader.ts';
export type { AlgorithmIdentification, ConfirmedPair, ReadReport, ReportRequest } from './types.ts';
export { createFindingsReader, MAX_DOCUMENT_BYTES } from './findings/findingsReader.ts';
export type { FindingsReader } from './findings/findingsReader.ts';
export { imagesOfFinding, placeFinding } from './findings/place.ts';
export type { PlaneOf } from './findings/place.ts';
export { imagePlaneOrReason } from './findings/plane.ts';
export type { ImagePlane } from './findings/plane.ts';
export { FINDING_KINDS, FINDING_SOURCES } from './findings/types.ts';
export type {
  DocumentFinding,
  Finding,
  FindingImage,
  FindingsDocument,
  FindingSource,
  ReadFindings,
  UnreadFindings,
} from './findings/types.ts';
export { buildTimePointReport } from './timePoint/buildTimePointReport.ts';
export { LESION_ROLES, OBSERVATION_STATUSES, RESPONSES, REVIEWS } from './timePoint/types.ts';
export { inImages } from './timePoint/inImage.ts';
export type {
  Assessment,
  ConfirmedObservation,
  Diameter,
  LesionObservation,
  ReplacedReport,
  TimePoint,
  TimePointReportRequest,
} from './timePoint/types.ts';
export { PROVENANCE_NAME } from './validation.ts';
