/**
 * The methods that find a point of the query in the target, and what each computes once per pair.
 * @module
 */
export { lookUpField, readField } from './field/matchField.ts';
export { fieldAt } from './field/nodes.ts';
export { FIELD_STEPS } from './field/precomputeField.ts';
export type { PrecomputedField } from './field/precomputeField.ts';
export { fieldPlaceOf, nodeCounts } from './field/wholeField.ts';
export { intoVolume } from './intoVolume.ts';
export { METHODS } from './methods.ts';
export type { Method, MethodStates, Precomputation } from './methods.ts';
export { precomputeHere, runSteps, termsOf } from './precomputation.ts';
export type { PairTerms } from './precomputation.ts';
export { CONTEXT_STEPS } from './refined/pairContext.ts';
