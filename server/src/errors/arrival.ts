import { spec } from './spec.ts';
import type { NoFields } from './spec.ts';

/** Errors of arrival/: studies that are precomputed before a reader opens them. */
export const arrivalErrors = {
  'arrival/state-unusable': spec<{ file: string; problem: string }>({
    status: 500,
    summary: 'What is known of the arrivals of studies cannot be read or written. No study is precomputed.',
    remedy:
      'Give the user of the server the right to write into arrival.directory, and check that the disk is not full.',
    message: ({ file, problem }) => `the state of the arrivals cannot be kept in ${file}: ${problem}`,
  }),
  'arrival/not-watched': spec<NoFields>({
    status: 404,
    summary:
      'A study was reported, and this server does not precompute studies of that PACS, or accepts no reports.',
    remedy:
      'Set arrival of the PACS (dicomweb.arrival, or that of the source) and arrival.secret in the server configuration.',
    message: () => 'this server accepts no reports of new studies for that PACS',
  }),
  'arrival/secret-wrong': spec<NoFields>({
    status: 401,
    summary: 'A study was reported without the secret of arrival.secret, or with another one.',
    remedy: 'Send the secret in the header Samepoint-Arrival-Secret.',
    message: () => 'a report of a new study needs the secret of this server',
  }),
} as const;
