/**
 * Callers, and what the PACS shows to each of them: granted series, and instances that are really of these.
 * @module
 */
export { assertSamePatient, createAccess, patientOfStudy, refOf, requestOptions } from './access.ts';
export type { Access, GrantedSeries, PatientIdentity } from './access.ts';
export { hashCredentials, ownerOf, shareOf, shareOwners } from './credentials.ts';
export type { CredentialsHash, Owner, ShareKey } from './credentials.ts';
export {
  assertIdentity,
  assertMetadataIdentity,
  assertSamePatientInImages,
  comparable,
  isOfGranted,
  patientDigest,
  ReceivedInstances,
} from './identity.ts';
export { noticingMissing } from './missing.ts';
export type { MissingSeries } from './missing.ts';
export { canonicalRef, createSources, ONLY_SOURCE, seriesKey } from './sources.ts';
export type { Sources } from './sources.ts';
export { subjectOf } from './subject.ts';
export type { Subject } from './subject.ts';
export type { Caller, Logger, MonotonicClock } from './types.ts';
