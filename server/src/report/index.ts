export { buildReport } from './buildReport.ts';
export { readReport } from './readReport.ts';
export type {
  AlgorithmIdentification,
  BuiltReport,
  ConfirmedPair,
  InstanceAttributes,
  PairState,
  ReadReport,
  ReportRequest,
} from './types.ts';
export { derivedUids, newUid } from './uid.ts';
export type { ReportUids, SaveRequest } from './uid.ts';
export { LABEL_LENGTH } from './validation.ts';
