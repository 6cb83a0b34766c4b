/**
 * Long requests as jobs, and who may see them.
 * @module
 */
export { JobAccess } from './jobAccess.ts';
export { isFinished, JobStore } from './jobs.ts';
export type { JobCount, JobKind, JobLimits, JobRequest, JobResult, JobSnapshot, JobState } from './jobs.ts';
