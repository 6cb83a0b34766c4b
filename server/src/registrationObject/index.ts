/**
 * DICOM Spatial Registration and Deformable Spatial Registration objects of the map of a pair, written, read and described.
 * @module
 */
export { buildRegistration } from './buildRegistration.ts';
export { describeRegistration } from './describeRegistration.ts';
export type { RegisteredSeries, RegistrationDescription } from './describeRegistration.ts';
export { DEFORMABLE_REGISTRATION, SPATIAL_REGISTRATION } from './elements.ts';
export { createRegistrationReader, MAX_REGISTRATION_BYTES } from './registrationReader.ts';
export type { RegistrationReader } from './registrationReader.ts';
export { REGISTRATION_KINDS } from './types.ts';
export type { ReadRegistration, RegisteredImages, RegistrationKind, RegistrationRequest } from './types.ts';
