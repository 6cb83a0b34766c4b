export type {
  Audit,
  AuditEvent,
  AuditPurpose,
  AuditUser,
  AuditedStudy,
  Clock,
  Ports,
  Modules,
} from './ports.ts';
export type { AlignedTarget } from './poses.ts';
export { createSamepoint, createWorkHandler } from './samepoint.ts';
export type { SamepointOptions } from './samepoint.ts';
export type { Samepoint } from './types.ts';
export type * from './types.ts';
export type {
  DocumentCounts,
  FindingList,
  FindingsRequest,
  ReportedFinding,
  TimePointReportRef,
} from './findings/types.ts';
export type { FieldRequest, PairField, PointSimilarityRequest, ReadyField } from './fields/types.ts';
export type { PairRegistration, PairRegistrationRequest, WarpedSeries } from './pairRegistrations/types.ts';
export type { RegistrationList, RegistrationSave, StoredRegistration } from './registrations/types.ts';
export type { TimePointSave } from './timePoints/types.ts';
