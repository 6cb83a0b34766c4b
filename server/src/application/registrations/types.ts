import type { SeriesRef } from '../../dicomweb/index.ts';
import type { RegistrationDescription, RegistrationKind } from '../../registrationObject/index.ts';
import type { FieldRequest } from '../fields/types.ts';

/** The map of a pair as an object in the PACS. */
export interface RegistrationSave extends FieldRequest {
  readonly kind: RegistrationKind;
}

/** A registration object of a pair, whoever wrote it. */
export type StoredRegistration = SeriesRef & RegistrationDescription & { readonly sopInstanceUid: string };

/** The registration objects of a pair. */
export interface RegistrationList {
  /** Newest first. */
  readonly registrations: readonly StoredRegistration[];
  /** Series of registration objects that the PACS did not give out, or that were too many. */
  readonly unread: number;
}
