export { deformationOf } from './deformation.ts';
export type { DeformationTerms } from './deformation.ts';
export type { DeformationRequest } from './types.ts';
