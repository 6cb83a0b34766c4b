/** The contrast phase of a CT. @module */
export { classifyPhase, PHASES } from './classifyPhase.ts';
export { measurePhase } from './measurePhase.ts';
export type { MeasuredPhase } from './measurePhase.ts';
