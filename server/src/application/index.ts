export { hashCredentials } from './credentials.ts';
export type { CredentialsHash } from './credentials.ts';
export { isFinished, JobStore } from './jobs.ts';
export type { JobKind, JobLimits, JobSnapshot, JobState } from './jobs.ts';
export { MemoryBudget } from './memoryBudget.ts';
export type { Clock, Logger, Ports, Rooms } from './ports.ts';
export { createSamepoint } from './samepoint.ts';
export type { Samepoint, SamepointOptions } from './samepoint.ts';
export type * from './types.ts';
