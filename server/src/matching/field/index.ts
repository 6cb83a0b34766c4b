export { lookUpField, matchField, readField } from './matchField.ts';
export { fieldAt } from './nodes.ts';
export { FIELD_STEPS } from './precomputeField.ts';
export type { PrecomputedField } from './precomputeField.ts';
export { fieldPlaceOf, nodeCounts } from './wholeField.ts';
export { coupledConvex, displacementAt } from './coupledConvex.ts';
export type { ConvexSettings, DenseMap } from './coupledConvex.ts';
export { inverseConsistent } from './inverseConsistent.ts';
