/**
 * What only the groups of our own reports of time points say of a lesion.
 * @module
 */
import { stringOf } from '../../dicom/index.ts';
import type { Code } from '../../contentTree/index.ts';
import { child, codeOf, shown, Unreadable, lineOf, uidIn } from '../../contentTree/index.ts';
import type { Dataset } from '../../documents/index.ts';
import { provenanceOf } from '../provenance.ts';
import { REVIEW_CODES, ROLE_CODES, STATUS_CODES, TIME_POINT_CODES } from './codes.ts';
import { LESION_ROLES, OBSERVATION_STATUSES, REVIEWS } from './types.ts';
import type { CarriedOver, LesionRole, ObservationStatus } from './types.ts';

/** Of a lesion at a time point, beside what any measurement group says. */
export interface OwnObservation {
  /** The reader's name of the lesion, without what is shown beside it. */
  readonly label?: string;
  readonly role: LesionRole;
  readonly status: ObservationStatus;
  readonly carriedOver?: CarriedOver;
}

/** Undefined where the group is none of a report of a time point of ours. @throws Unreadable where it is damaged */
export function ownObservationOf(group: Dataset): OwnObservation | undefined {
  if (child(group, TIME_POINT_CODES.status) === undefined) return undefined;
  const named = child(group, TIME_POINT_CODES.label);
  const label = lineOf(named && stringOf(named, 'TextValue'));
  const carriedOver = carriedOverOf(group);
  return {
    ...(label === undefined ? {} : { label }),
    role: oneOf(group, TIME_POINT_CODES.role, LESION_ROLES, ROLE_CODES),
    status: oneOf(group, TIME_POINT_CODES.status, OBSERVATION_STATUSES, STATUS_CODES),
    ...(carriedOver === undefined ? {} : { carriedOver }),
  };
}

function carriedOverOf(group: Dataset): CarriedOver | undefined {
  const from = child(group, TIME_POINT_CODES.fromStudy);
  if (from === undefined) return undefined;
  const fromStudyInstanceUid = uidIn(from, 'UID');
  const provenance = provenanceOf(group);
  if (fromStudyInstanceUid === undefined || provenance === undefined)
    throw new Unreadable('it does not say where its place comes from');
  const review = oneOf(group, TIME_POINT_CODES.review, REVIEWS, REVIEW_CODES);
  return { fromStudyInstanceUid, review, provenance };
}

/** The name of a code. @throws Unreadable where it is none of ours */
function oneOf<T extends string>(
  group: Dataset,
  concept: Code,
  names: readonly T[],
  codes: Readonly<Record<T, Code>>,
): T {
  const value = codeOf(group, concept);
  const name = names.find((one) => codes[one][0] === value);
  if (name === undefined) throw new Unreadable(`unknown ${concept[2].toLowerCase()} "${shown(value)}"`);
  return name;
}
