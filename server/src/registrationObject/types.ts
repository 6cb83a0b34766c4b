import type { DeformationField } from '../deformation/index.ts';
import type { InstanceAttributes, ReportUids } from '../documents/index.ts';

/** What a registration object holds of a map: its affine part (Spatial Registration), or all of it (Deformable Spatial Registration). */
export const REGISTRATION_KINDS = ['affine', 'field'] as const;
export type RegistrationKind = (typeof REGISTRATION_KINDS)[number];

/** The images of a series that is registered. */
export interface RegisteredImages {
  readonly sopClassUid: string;
  readonly sopInstanceUids: readonly string[];
}

/** What a registration object is made from. */
export interface RegistrationRequest {
  readonly kind: RegistrationKind;
  readonly field: DeformationField;
  /** The same as its bytes, which the object of a field carries for Samepoint. */
  readonly bytes: Uint8Array;
  readonly query: RegisteredImages;
  readonly target: RegisteredImages;
  /** Any instance of the query series: patient and study of the object come from it. */
  readonly current: InstanceAttributes;
  readonly softwareVersion: string;
  readonly now: Date;
  readonly uids: Pick<ReportUids, 'seriesInstanceUid' | 'sopInstanceUid'>;
}

/** What is read of a registration object. */
export type ReadRegistration =
  | {
      readonly ok: true;
      /** Of everything that the object says of the registration: equal where it says the same. */
      readonly digest: string;
      /** The bytes of the field, of an object that Samepoint wrote. */
      readonly bytes?: Uint8Array;
    }
  | { readonly ok: false; readonly isDamaged: boolean; readonly reason: string };
