export { buildReport } from './buildReport.ts';
export { readReport } from './readReport.ts';
export { createReportReader, MAX_REPORT_BYTES } from './reportReader.ts';
export type { ReportReader } from './reportReader.ts';
export type {
  AlgorithmIdentification,
  BuiltReport,
  ConfirmedPair,
  ReadReport,
  ReportRequest,
} from './types.ts';
export { derivedUids } from './uid.ts';
export { LABEL_LENGTH, PROVENANCE_NAME } from './validation.ts';
