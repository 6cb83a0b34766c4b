export { deformationOf } from './deformation.ts';
export type { DeformationTerms } from './deformation.ts';
export { decodeField, encodeField, FIELD_FORMAT_VERSION, FIELD_MEDIA_TYPE } from './encoding.ts';
export { errorRadiusAt, mappedBy } from './lattice.ts';
export type { DeformationField, DeformationRequest, FieldLattice } from './types.ts';
