import { PRIVATE_SCHEME } from '../../contentTree/index.ts';
import type { Code } from '../../contentTree/index.ts';
import type { LesionRole, ObservationStatus, RecistResponse, Review } from './types.ts';

/** Concepts of the report of a time point that no standard code says, and those of PS3.16 (DCM) of an assessment. */
export const TIME_POINT_CODES = {
  label: ['LABEL', PRIVATE_SCHEME, 'Name of lesion'],
  role: ['ROLE', PRIVATE_SCHEME, 'Role of lesion in assessment'],
  status: ['STATUS', PRIVATE_SCHEME, 'Status of lesion at time point'],
  fromStudy: ['FROM_STUDY', PRIVATE_SCHEME, 'Study whose place was looked for'],
  review: ['REVIEW', PRIVATE_SCHEME, 'Review of place by the reader'],
  withoutPlace: ['WITHOUT_PLACE', PRIVATE_SCHEME, 'Lesions without a place'],
  assessment: ['ASSESSMENT', PRIVATE_SCHEME, 'Assessment of time point'],
  sum: ['SUM', PRIVATE_SCHEME, 'Sum of diameters'],
  baselineSum: ['BASELINE_SUM', PRIVATE_SCHEME, 'Sum of diameters at baseline'],
  nadirSum: ['NADIR_SUM', PRIVATE_SCHEME, 'Smallest sum of diameters'],
  changeFromBaseline: ['CHANGE_BASELINE', PRIVATE_SCHEME, 'Change of sum from baseline'],
  changeFromNadir: ['CHANGE_NADIR', PRIVATE_SCHEME, 'Change of sum from smallest'],
  method: ['112021', 'DCM', 'Response Evaluation Method'],
  recist: ['126081', 'DCM', 'RECIST 1.1'],
  response: ['112048', 'DCM', 'Current Response'],
  percent: ['%', 'UCUM', 'Percent'],
} as const satisfies Readonly<Record<string, Code>>;

export const ROLE_CODES = {
  target: ['TARGET', PRIVATE_SCHEME, 'Target lesion'],
  'non-target': ['NON_TARGET', PRIVATE_SCHEME, 'Non-target lesion'],
  new: ['NEW', PRIVATE_SCHEME, 'New lesion'],
  'not-followed': ['NOT_FOLLOWED', PRIVATE_SCHEME, 'Not followed'],
} as const satisfies Readonly<Record<LesionRole, Code>>;

export const STATUS_CODES = {
  present: ['PRESENT', PRIVATE_SCHEME, 'Present'],
  resolved: ['RESOLVED', PRIVATE_SCHEME, 'Resolved'],
  'not-covered': ['NOT_COVERED', PRIVATE_SCHEME, 'Not covered by the study'],
  'not-evaluable': ['NOT_EVALUABLE', PRIVATE_SCHEME, 'Not evaluable'],
} as const satisfies Readonly<Record<ObservationStatus, Code>>;

export const REVIEW_CODES = {
  accepted: ['ACCEPTED', PRIVATE_SCHEME, 'Accepted as proposed'],
  corrected: ['CORRECTED', PRIVATE_SCHEME, 'Corrected by the reader'],
} as const satisfies Readonly<Record<Review, Code>>;

export const RESPONSE_CODES = {
  CR: ['CR', PRIVATE_SCHEME, 'Complete response'],
  PR: ['PR', PRIVATE_SCHEME, 'Partial response'],
  SD: ['SD', PRIVATE_SCHEME, 'Stable disease'],
  PD: ['PD', PRIVATE_SCHEME, 'Progressive disease'],
  NE: ['NE', PRIVATE_SCHEME, 'Not evaluable'],
} as const satisfies Readonly<Record<RecistResponse, Code>>;
