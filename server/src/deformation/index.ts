/**
 * The map of a pair of series as data: displacements on lattices, both ways, with what they are worth.
 * @module
 */
export { pointOf } from './inverse.ts';
export {
  errorRadiusAt,
  fitted,
  latticeOver,
  mappedBy,
  nodesOf,
  placeOf,
  spacingFor,
  widened,
} from './lattice.ts';
export type { Box, LatticeShape } from './lattice.ts';
export { qualityOf } from './quality.ts';
export { determinantsOf, neighboursOf, unfold } from './regular.ts';
export type {
  BodyLattice,
  DeformationField,
  FieldLattice,
  FieldPrior,
  FieldQuality,
  FieldSeries,
  FieldVerdict,
} from './types.ts';
