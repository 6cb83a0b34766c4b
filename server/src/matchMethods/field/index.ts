export { lookUpField, matchField, readField } from './matchField.ts';
export { fieldAt } from './nodes.ts';
export { FIELD_STEPS } from './precomputeField.ts';
export type { PrecomputedField } from './precomputeField.ts';
export { fieldPlaceOf, nodeCounts } from './wholeField.ts';
