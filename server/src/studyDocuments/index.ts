/**
 * The documents of a study in the PACS: reports stored and listed, findings of documents listed, reports of time points stored.
 * @module
 */
export { listFindings } from './findings/findingList.ts';
export type {
  DocumentCounts,
  FindingList,
  FindingsRequest,
  ReportedFinding,
  TimePointReportRef,
} from './findings/types.ts';
export { listReports } from './reports/reportList.ts';
export { ReportStore } from './reports/reportStore.ts';
export type { ReportList, StoredReport } from './reports/types.ts';
export { TimePointStore } from './timePoints/store.ts';
export type { TimePointSave } from './timePoints/types.ts';
