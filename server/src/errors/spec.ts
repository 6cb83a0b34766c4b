/**
 * Building blocks of the error catalogue. An entry says what went wrong (message, made from typed fields), what the
 * reader can do about it (remedy) and which HTTP status answers it.
 * @module
 */

/** Facts an error carries. Never patient names, patient ids, tokens or request headers. */
export type Fields = Readonly<Record<string, string | number | readonly string[] | readonly number[]>>;

/** One entry of the catalogue. */
export interface ErrorSpec<F extends Fields = Fields> {
  readonly status: number;
  /** One line for docs/errors.md: when this error is raised. */
  readonly summary: string;
  /** What the caller can do, in words that a radiologist or an administrator understands. */
  readonly remedy: string;
  message(fields: F): string;
}

/** Identity function that ties the message template to its field types. */
export function spec<F extends Fields>(entry: ErrorSpec<F>): ErrorSpec<F> {
  return entry;
}

/** For errors that need no facts. */
export type NoFields = Readonly<Record<string, never>>;
