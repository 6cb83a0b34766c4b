export { JobAccess } from './jobs/jobAccess.ts';
export { isFinished, JobStore } from './jobs/jobs.ts';
export type {
  JobCount,
  JobKind,
  JobLimits,
  JobRequest,
  JobResult,
  JobSnapshot,
  JobState,
} from './jobs/jobs.ts';
export { MemoryBudget } from './memoryBudget.ts';
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
export type { FieldRequest, PairField, ReadyField } from './fields/types.ts';
export type { RegistrationList, RegistrationSave, StoredRegistration } from './registrations/types.ts';
export type { TimePointSave } from './timePoints/types.ts';
