/**
 * The use cases: embeddings, matches, fields, registrations, reports and findings, for callers who may see the images.
 * @module
 */
export { createSamepoint, createWorkHandler } from './samepoint.ts';
export type { SamepointOptions } from './samepoint.ts';
export type * from './types.ts';
export type { FieldRequest, PairField, PointSimilarityRequest, ReadyField } from './fields/types.ts';
export type { PairRegistration, PairRegistrationRequest, WarpedSeries } from './pairRegistrations/types.ts';
export type { RegistrationList, RegistrationSave, StoredRegistration } from './registrations/types.ts';
