/**
 * What the resources of the HTTP API share: what a request says and who sends it, how it is answered, and jobs as event streams.
 * @module
 */
export { answerJob, answerPlan, jobBody, withoutResult } from './answers.ts';
export { addressKey, callerKeys } from './callers.ts';
export { callerOf, parse, signalOf } from './context.ts';
export type { ApiContext, ArrivalReports, Readiness, ReadinessReport } from './context.ts';
export { streamJob } from './eventStream.ts';
export { methods } from './methods.ts';
export { body, errors, json } from './openapiParts.ts';
export { Places } from './places.ts';
export { sendBytes } from './sendBytes.ts';
