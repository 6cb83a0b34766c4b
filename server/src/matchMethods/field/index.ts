export { lookUpField, matchField } from './matchField.ts';
export { FIELD_STEPS } from './precomputeField.ts';
export type { PrecomputedField } from './precomputeField.ts';
