/**
 * Whole series registered with each other: fields, their files, warped series and differences.
 * @module
 */
export { registerPair } from './register.ts';
export type { RegisterRequest, Registration } from './register.ts';
export { STAGES } from './types.ts';
export type { StageName } from './types.ts';
