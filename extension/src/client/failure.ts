import { notices } from '../i18n/words.ts';
import type { ErrorBody } from '../wire.ts';
import { readerWords } from './readerWords.ts';

/** What a button of the message can do about a failure: start the same again, or show the prior beside the current study. */
export type Mend = 'retry' | 'compare';

interface FailureOptions extends ErrorOptions {
  readonly mend?: Mend | undefined;
  /** What an administrator wants to know. */
  readonly detail?: string;
}

/** A failure in words for the reader: what happened, and what to do about it. */
export class ViewerFailure extends Error {
  override readonly name = 'ViewerFailure';
  /** `viewer/…` for what the viewer found out itself, otherwise a code of the server's catalogue. */
  readonly code: string;
  readonly remedy: string;
  readonly mend: Mend | undefined;
  readonly detail: string | undefined;

  constructor(
    code: string,
    message: string,
    remedy: string,
    { mend, detail, ...options }: FailureOptions = {},
  ) {
    super(message, options);
    this.code = code;
    this.remedy = remedy;
    this.mend = mend;
    this.detail = detail;
  }
}

/** Statuses of errors that may be over when the same is sent again: login, too many requests, faults of PACS or server. */
function isPassing(status: number): boolean {
  return status === 401 || status === 408 || status === 429 || status >= 500;
}

/** An error of the server's catalogue, in the words of a reader. */
export function serverFailure(error: ErrorBody): ViewerFailure {
  const { message, remedy } = readerWords(error);
  return new ViewerFailure(error.code, message, remedy, {
    mend: isPassing(error.status) ? 'retry' : undefined,
    detail: `${error.message}. ${error.remedy}`,
  });
}

/** The reader stopped a search. */
export function cancelled(): ViewerFailure {
  return new ViewerFailure('viewer/cancelled', ...notices().failures.cancelled);
}

/** The job was ended on the server, by a restart or an administrator. */
export function stoppedByServer(): ViewerFailure {
  return new ViewerFailure('viewer/stopped-by-server', ...notices().failures.stopped, { mend: 'retry' });
}

/** The code of `unreachable`: what it says is over as soon as the server answers anything. */
export const UNREACHABLE = 'viewer/unreachable';

/** No answer at all, or one of a proxy that found no server behind it. */
export function unreachable(cause: unknown): ViewerFailure {
  return new ViewerFailure(UNREACHABLE, ...notices().failures.unreachable, { cause, mend: 'retry' });
}

/** 401 or 403 without a body of the server: a proxy or the login in front of it. */
export function unauthorized(): ViewerFailure {
  return new ViewerFailure('viewer/unauthorized', ...notices().failures.unauthorized, { mend: 'retry' });
}

/** An answer that is none of the API's; `what` says what came instead. */
export function unexpectedAnswer(what: string, cause?: unknown): ViewerFailure {
  return new ViewerFailure('viewer/unexpected-answer', ...notices().failures.unexpectedAnswer, {
    cause,
    mend: 'retry',
    detail: what,
  });
}

/** Any thrown value as a failure that can be shown. */
export function asFailure(error: unknown): ViewerFailure {
  if (error instanceof ViewerFailure) return error;
  return new ViewerFailure('viewer/unexpected', ...notices().failures.unexpected, {
    cause: error,
    mend: 'retry',
  });
}

/** True for a cancel by the reader. */
export function isCancelled(error: unknown): boolean {
  return error instanceof ViewerFailure && error.code === 'viewer/cancelled';
}
