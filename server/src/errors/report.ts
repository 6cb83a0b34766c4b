import type { NoFields } from './spec.ts';
import { spec } from './spec.ts';

/**
 * Errors of report/: building, storing and reading back DICOM SR. A pair is named by its place in the request, counted
 * from 1; labels and UIDs stay out of messages.
 */
export const reportErrors = {
  'report/no-pairs': spec<NoFields>({
    status: 422,
    summary:
      'A report was requested without any accepted pair, or, of a time point, without any lesion although there is no report to withdraw.',
    remedy: 'Accept at least one pair, or mark a lesion, before saving.',
    message: () => 'a report needs at least one accepted pair or lesion',
  }),
  'report/not-confirmed': spec<{ pair: number; state: string }>({
    status: 422,
    summary: 'A pair in a report request was neither accepted nor moved by the reader.',
    remedy: 'Send only pairs that the reader accepted or moved.',
    message: ({ pair, state }) => `pair ${pair} is "${state}"; only accepted and moved pairs are stored`,
  }),
  'report/bad-label': spec<{ pair: number; problem: string }>({
    status: 422,
    summary: 'The label of a pair is empty, too long, or holds characters that a viewer cannot show.',
    remedy: 'Give the pair a label of one line.',
    message: ({ pair, problem }) => `the label of pair ${pair} ${problem}`,
  }),
  'report/bad-value': spec<{ pair: number; name: string; problem: string }>({
    status: 422,
    summary: 'A number or UID of a pair is malformed.',
    remedy: 'Send the pair as the matching gave it, with the reader’s corrections.',
    message: ({ pair, name, problem }) => `${name} of pair ${pair} ${problem}`,
  }),
  'report/pixel-outside': spec<{ pair: number; end: string; column: number; row: number }>({
    status: 422,
    summary: 'A point of a pair lies outside the image that it refers to.',
    remedy: 'Place the point inside the image.',
    message: ({ pair, end, column, row }) =>
      `the ${end} point of pair ${pair} lies outside its image: column ${column}, row ${row}`,
  }),
  'report/other-study': spec<{ pair: number }>({
    status: 422,
    summary: 'A pair belongs to another current study than the report.',
    remedy: 'Save one report per current study.',
    message: ({ pair }) => `the current point of pair ${pair} lies in another study than the report`,
  }),
  'report/other-patient': spec<NoFields>({
    status: 422,
    summary: 'A prior study belongs to another patient than the current one.',
    remedy: 'Compare studies of one patient; if they are, correct the patient’s identity in the PACS.',
    message: () => 'a prior study belongs to another patient than the current study',
  }),
  'report/contradictory-reference': spec<{ pair: number; end: string }>({
    status: 422,
    summary: 'Two points name the same image, but not the same series, study, class or frame of reference.',
    remedy: 'Send the points as the matching gave them.',
    message: ({ pair, end }) => `the ${end} point of pair ${pair} contradicts another point about its image`,
  }),
  'report/bad-observation': spec<{ observation: number; problem: string }>({
    status: 422,
    summary: 'An observation of a lesion cannot be written into the report of its time point.',
    remedy: 'Send each lesion of the study once, with a place and diameters in images of this study.',
    message: ({ observation, problem }) => `observation ${observation} ${problem}`,
  }),
  'report/unwritable-identifier': spec<{ attribute: string }>({
    status: 422,
    summary:
      'An identifier of the patient is longer than DICOM allows (64 characters) or holds characters that it forbids. A report with another one would be of another patient.',
    remedy: 'Let the administrator of the PACS correct the identifier of the patient, then save again.',
    message: ({ attribute }) => `the ${attribute} of the study cannot be written into a report unchanged`,
  }),
  'report/incomplete-context': spec<{ missing: readonly string[] }>({
    status: 422,
    summary: 'The metadata of the current study lack what a report needs.',
    remedy: 'Check the metadata of the current study in the PACS.',
    message: ({ missing }) => `the metadata of the current study lack ${missing.join(', ')}`,
  }),
} as const;
