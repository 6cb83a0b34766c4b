/**
 * Long requests as jobs, and who may see them.
 * @module
 */
export { JobAccess } from './jobAccess.ts';
export type { JobBoard } from './board.ts';
export { openRedisBoard } from './openRedisBoard.ts';
export { SharedJobs } from './sharedJobs.ts';
export { isFinished, JobStore } from './jobs.ts';
export type { JobCount, JobKind, JobLimits, JobRequest, JobResult, JobSnapshot, JobState } from './jobs.ts';
