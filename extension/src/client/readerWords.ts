/**
 * Errors of the server in the words of a reader. The server's catalogue has to name tags, configuration keys and coordinates, because
 * administrators and programs read it as well.
 * @module
 */
import type { ErrorBody } from '../wire.ts';

/** What is shown of an error. */
export interface ReaderWords {
  readonly message: string;
  readonly remedy: string;
}

const AGAIN = 'Try again in a minute. If the message stays, inform your administrator.';
const INFORM = 'Inform your administrator; the details are in the tooltip of this message.';
const NOT_THERE: ReaderWords = {
  message: 'The PACS does not have these images any more, or does not show them to you.',
  remedy: 'Reload the study list.',
};
const NO_ANSWER: ReaderWords = { message: 'The PACS does not answer, or answers too slowly.', remedy: AGAIN };

/** By code of the server's catalogue. */
const WORDS: Readonly<Record<string, ReaderWords>> = {
  'matching/outside-volume': {
    message: 'This place is outside the image.',
    remedy: 'Click inside the image.',
  },
  'matching/outside-body': { message: 'This place is outside the body.', remedy: 'Click inside the body.' },
  'dicomweb/unauthorized': {
    message: 'The PACS did not accept your login for these images.',
    remedy: 'Log in again, or request access to this study.',
  },
  'dicomweb/forbidden': {
    message: 'The PACS does not allow you to see these images, or to store a report with them.',
    remedy: 'Request access from the administrator of the PACS.',
  },
  'dicomweb/study-not-found': NOT_THERE,
  'dicomweb/series-not-found': NOT_THERE,
  'dicomweb/instance-not-found': NOT_THERE,
  'dicomweb/unreachable': NO_ANSWER,
  'dicomweb/timeout': NO_ANSWER,
  'dicomweb/too-slow': NO_ANSWER,
  'dicomweb/series-timeout': NO_ANSWER,
  'dicomweb/server-error': NO_ANSWER,
  'dicomweb/nearline': {
    message: 'The PACS has to fetch these images from its archive first.',
    remedy: 'Try again in some minutes.',
  },
  'dicomweb/truncated': { message: 'The PACS stopped before all images were there.', remedy: AGAIN },
  'dicomweb/too-large': {
    message: 'The series is too large for the Samepoint server.',
    remedy: 'Choose a series with thicker slices.',
  },
  'dicomweb/store-refused': {
    message: 'The PACS did not store the report, or did not say that it did.',
    remedy: 'The lesions stay in the list. Inform the administrator of the PACS.',
  },
  'application/different-patients': {
    message: 'The series belong to different patients.',
    remedy: 'Compare studies of one patient only.',
  },
};

/** For codes without words of their own, by the module that they come from. */
const MODULES: Readonly<Record<string, ReaderWords>> = {
  dicomweb: { message: 'The PACS gave an answer that Samepoint cannot use.', remedy: INFORM },
  volume: {
    message: 'The images of this series cannot be compared.',
    remedy: 'Choose another series of the study.',
  },
  embedding: { message: 'The images could not be analysed.', remedy: INFORM },
  matching: { message: 'The point could not be looked for.', remedy: INFORM },
  report: { message: 'The report could not be made or read.', remedy: INFORM },
  application: { message: 'Samepoint could not do this with these studies.', remedy: INFORM },
};
const UNKNOWN: ReaderWords = { message: 'The Samepoint server could not do this.', remedy: INFORM };

/** What no reader should have to read: coordinates, UIDs, tags, services of DICOM, paths, options, keys of the configuration. */
const DEVELOPER_TEXT = [
  /\bLPS\b|UIDs?\b|\b(?:QIDO|WADO|STOW)\b|\bHTTP\b|\bJSON\b|\bDICOM\w*\b|\bPS3\.|\bNIfTI\b/u,
  /\b\d+(?:\.\d+){3}/u,
  /\b[a-z]+\.[a-z][A-Za-z]+\b/u,
  /(?:^|\s)\/\w|--\w|\bGET\b|\bnpm\b|[a-z][A-Z]|\([0-9A-Fa-f]{4},/u,
];

/** True for a text that names what only administrators and developers know. */
export function isDeveloperText(text: string): boolean {
  return DEVELOPER_TEXT.some((pattern) => pattern.test(text));
}

/** An error for the reader: words of our own where there are some, the server's where a reader understands them. */
export function readerWords({
  code,
  message,
  remedy,
}: Pick<ErrorBody, 'code' | 'message' | 'remedy'>): ReaderWords {
  const own = WORDS[code];
  if (own !== undefined) return own;
  if (!isDeveloperText(`${message} ${remedy}`)) return { message, remedy };
  return MODULES[code.split('/')[0] ?? ''] ?? UNKNOWN;
}

/** The codes that have words of their own. */
export const CODES_WITH_WORDS: readonly string[] = Object.keys(WORDS);
