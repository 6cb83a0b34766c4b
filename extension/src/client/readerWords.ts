/**
 * Errors of the server in the words of a reader. The server's catalogue has to name tags, configuration keys and coordinates, because
 * administrators and programs read it as well.
 * @module
 */
import type { Notices } from '../i18n/noticesEn.ts';
import { wordsNow } from '../i18n/words.ts';
import type { ErrorBody } from '../wire.ts';

/** What is shown of an error. */
export interface ReaderWords {
  readonly message: string;
  readonly remedy: string;
}

type Key = keyof Notices['server'];

/** Words by code of the server's catalogue. */
const WORDS: Readonly<Record<string, Key>> = {
  'matching/outside-volume': 'outsideVolume',
  'matching/outside-body': 'outsideBody',
  'auth/login-required': 'loginRefused',
  'auth/login-refused': 'loginRefused',
  'auth/role-missing': 'roleMissing',
  'auth/keys-unavailable': 'loginUnverified',
  'dicomweb/unauthorized': 'unauthorized',
  'dicomweb/forbidden': 'forbidden',
  'dicomweb/study-not-found': 'notThere',
  'dicomweb/series-not-found': 'notThere',
  'dicomweb/instance-not-found': 'notThere',
  'dicomweb/unreachable': 'noAnswer',
  'dicomweb/timeout': 'noAnswer',
  'dicomweb/too-slow': 'noAnswer',
  'dicomweb/series-timeout': 'noAnswer',
  'dicomweb/server-error': 'noAnswer',
  'dicomweb/nearline': 'nearline',
  'dicomweb/truncated': 'truncated',
  'dicomweb/too-large': 'tooLarge',
  'dicomweb/store-refused': 'storeRefused',
  'application/different-patients': 'differentPatients',
};

/** For codes without words of their own: those of the module that they come from. */
const MODULES = ['dicomweb', 'volume', 'embedding', 'matching', 'report', 'application'] as const;

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
  const { language, notices } = wordsNow();
  const own = WORDS[code];
  if (own !== undefined) return notices.server[own];
  // The server writes English.
  if (language === 'en' && !isDeveloperText(`${message} ${remedy}`)) return { message, remedy };
  return notices.server[MODULES.find((module) => code.startsWith(`${module}/`)) ?? 'unknown'];
}

/** The codes that have words of their own. */
export const CODES_WITH_WORDS: readonly string[] = Object.keys(WORDS);
