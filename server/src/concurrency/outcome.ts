import { errorFrom, isSamepointError } from '../errors/index.ts';
import type { ErrorCode, ErrorFields } from '../errors/index.ts';

/**
 * What a piece of work came to. Errors do not survive the way between threads: an error of the catalogue arrives without its
 * code and fields, and what is thrown may be no error at all.
 */
export type Outcome<Result> =
  | { readonly ok: true; readonly value: Result }
  | {
      readonly ok: false;
      readonly reason: string;
      readonly catalogued?: { readonly code: ErrorCode; readonly fields: ErrorFields<ErrorCode> };
    };

/** The outcome of an exception. */
export function failed(thrown: unknown): Outcome<never> {
  const reason = errorFrom(thrown).message;
  if (!isSamepointError(thrown)) return { ok: false, reason };
  return { ok: false, reason, catalogued: { code: thrown.code, fields: thrown.fields } };
}
