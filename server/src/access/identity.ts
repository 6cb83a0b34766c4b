/**
 * Whose images these are. What the PACS sends is compared with what was requested, instance by instance, and what lies in the
 * cache with what the PACS grants now. The values compared are patient data: they enter no error, no log line and no file;
 * what is kept of a patient are digests.
 * @module
 */
import { stringOf } from '../dicom/index.ts';
import type { DicomJson } from '../dicom/index.ts';
import { createHash } from 'node:crypto';
import type { Embedding, SeriesOrigin } from '../embedding/index.ts';
import { SamepointError } from '../errors/index.ts';
import type { InstanceContent, InstanceIdentity } from '../volume/index.ts';
import type { GrantedSeries } from './access.ts';

/** 128 bits, in hexadecimal digits. */
const DIGEST_CHARACTERS = 32;

/** Attributes by which an instance can belong to another patient or series; names only, never values. */
type IdentityAttribute =
  'StudyInstanceUID' | 'SeriesInstanceUID' | 'SOPInstanceUID' | 'PatientID' | 'IssuerOfPatientID';

/** Characters as they compare: PACS answer in one Unicode form, images are written in any. */
export function comparable(value: string | undefined): string | undefined {
  const text = value?.normalize('NFC').trim();
  return text === '' ? undefined : text;
}

/** Stands for one value of a patient within one study: digests of different studies say nothing about each other. */
function digestOf(study: string, attribute: 'PatientID' | 'IssuerOfPatientID', value: string): string {
  const text = JSON.stringify(['samepoint patient', study, attribute, value]);
  return createHash('sha256').update(text).digest('hex').slice(0, DIGEST_CHARACTERS);
}

interface PatientDigests {
  readonly patientId?: string;
  readonly issuer?: string;
}

function patientDigests(
  study: string,
  patient: { readonly patientId?: string | undefined; readonly issuer?: string | undefined },
): PatientDigests {
  const [patientId, issuer] = [comparable(patient.patientId), comparable(patient.issuer)];
  return {
    ...(patientId === undefined ? {} : { patientId: digestOf(study, 'PatientID', patientId) }),
    ...(issuer === undefined ? {} : { issuer: digestOf(study, 'IssuerOfPatientID', issuer) }),
  };
}

/** The patient as the PACS names them, for the cache key; undefined where it names none. */
export function patientDigest({ series, patient }: GrantedSeries): string | undefined {
  const { patientId, issuer } = patientDigests(series.studyInstanceUid, patient);
  return patientId === undefined ? undefined : [patientId, issuer ?? ''].join(' ');
}

/** Case counts (PS3.5 6.2, LO). Issuers are compared where both are known: most archives of one hospital omit them. */
function isSameIssuer(one: string | undefined, other: string | undefined): boolean {
  return one === undefined || other === undefined || one === other;
}

/** The first attribute in which an instance differs from what was requested. */
function strangeAttribute(
  identity: InstanceIdentity,
  { series, patient }: GrantedSeries,
): IdentityAttribute | undefined {
  if (identity.studyInstanceUid !== series.studyInstanceUid) return 'StudyInstanceUID';
  if (identity.seriesInstanceUid !== series.seriesInstanceUid) return 'SeriesInstanceUID';
  const expected = comparable(patient.patientId);
  // A PACS that names no patient cannot contradict; whether all images name the same one, the reader of the volume checks.
  if (expected !== undefined && comparable(identity.patientId) !== expected) return 'PatientID';
  return isSameIssuer(comparable(identity.issuer), comparable(patient.issuer))
    ? undefined
    : 'IssuerOfPatientID';
}

function mismatch({ series }: GrantedSeries, attribute: IdentityAttribute): SamepointError {
  const { seriesInstanceUid } = series;
  return new SamepointError('application/identity-mismatch', { seriesInstanceUid, attribute });
}

/**
 * Refuses an instance that is not of the series, study and patient that the PACS granted.
 * @throws SamepointError `application/identity-mismatch`
 */
export function assertIdentity(identity: InstanceIdentity, granted: GrantedSeries): void {
  const attribute = strangeAttribute(identity, granted);
  if (attribute !== undefined) throw mismatch(granted, attribute);
}

/**
 * The same of an instance's metadata, which a report copies its patient from.
 * @throws SamepointError `application/identity-mismatch`
 */
export function assertMetadataIdentity(metadata: DicomJson, granted: GrantedSeries): void {
  const patientId = stringOf(metadata, 'PatientID');
  const issuer = stringOf(metadata, 'IssuerOfPatientID');
  const identity = {
    studyInstanceUid: stringOf(metadata, 'StudyInstanceUID') ?? '',
    seriesInstanceUid: stringOf(metadata, 'SeriesInstanceUID') ?? '',
    sopInstanceUid: stringOf(metadata, 'SOPInstanceUID') ?? '',
    ...(patientId === undefined ? {} : { patientId }),
    ...(issuer === undefined ? {} : { issuer }),
  };
  assertIdentity(identity, granted);
}

/** The instances of one retrieval against what was granted. */
export class ReceivedInstances {
  readonly #granted: GrantedSeries;
  readonly #received = new Set<string>();
  #patient: PatientDigests = {};

  constructor(granted: GrantedSeries) {
    this.#granted = granted;
  }

  /** @throws SamepointError `application/identity-mismatch` */
  add(identity: InstanceIdentity): void {
    assertIdentity(identity, this.#granted);
    const { sopInstanceUid, studyInstanceUid } = identity;
    // An instance exists once: a second one under its UID is another image.
    if (this.#received.has(sopInstanceUid)) throw mismatch(this.#granted, 'SOPInstanceUID');
    this.#received.add(sopInstanceUid);
    this.#patient = { ...patientDigests(studyInstanceUid, identity), ...this.#patient };
  }

  /**
   * After the last instance: every listed one must have come. Others may have: a series grows while it is sent.
   * @throws SamepointError `application/series-incomplete`
   */
  requireComplete(): void {
    const { series, sopInstanceUids } = this.#granted;
    const missing = sopInstanceUids.filter((uid) => !this.#received.has(uid)).length;
    if (missing === 0) return;
    throw new SamepointError('application/series-incomplete', {
      seriesInstanceUid: series.seriesInstanceUid,
      listedInstances: sopInstanceUids.length,
      receivedInstances: sopInstanceUids.length - missing,
    });
  }

  /** True where exactly the listed instances came. */
  get isAsListed(): boolean {
    return this.#received.size === this.#granted.sopInstanceUids.length;
  }

  /** @param instances as the volume has them: sorted by their UIDs. */
  origin(instances: readonly InstanceContent[]): SeriesOrigin {
    return { ...this.#patient, instances };
  }
}

/** True where an embedding was made of the series, the patient and exactly the instances that the PACS grants now. */
export function isOfGranted({ volume, origin }: Embedding, granted: GrantedSeries): boolean {
  const { series, sopInstanceUids, patient } = granted;
  if (origin === undefined) return false;
  const { instances } = origin;
  const named = patientDigests(series.studyInstanceUid, patient);
  return (
    volume.studyInstanceUid === series.studyInstanceUid &&
    volume.seriesInstanceUid === series.seriesInstanceUid &&
    (named.patientId === undefined || named.patientId === origin.patientId) &&
    isSameIssuer(named.issuer, origin.issuer) &&
    instances.length === sopInstanceUids.length &&
    instances.every(({ sopInstanceUid }, index) => sopInstanceUid === sopInstanceUids[index])
  );
}

/**
 * Refuses to compare images that name different patients. Images of different studies are compared by what the PACS says of
 * their studies (`assertSamePatient`), with which they agree.
 * @throws SamepointError `application/different-patients`
 */
export function assertSamePatientInImages(one: Embedding, other: Embedding): void {
  if (one.volume.studyInstanceUid !== other.volume.studyInstanceUid) return;
  const [a, b] = [one.origin, other.origin];
  if (a?.patientId === b?.patientId && isSameIssuer(a?.issuer, b?.issuer)) return;
  throw new SamepointError('application/different-patients', {
    seriesInstanceUid: one.volume.seriesInstanceUid,
    otherSeriesInstanceUid: other.volume.seriesInstanceUid,
  });
}
