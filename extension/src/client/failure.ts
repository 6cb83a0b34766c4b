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
  return new ViewerFailure('viewer/cancelled', 'The search was cancelled.', 'Click again to start it anew.');
}

/** The job was ended on the server, by a restart or an administrator. */
export function stoppedByServer(): ViewerFailure {
  return new ViewerFailure(
    'viewer/stopped-by-server',
    'The Samepoint server stopped the search.',
    'Click again to start it anew.',
    { mend: 'retry' },
  );
}

/** The code of `unreachable`: what it says is over as soon as the server answers anything. */
export const UNREACHABLE = 'viewer/unreachable';

/** No answer at all, or one of a proxy that found no server behind it. */
export function unreachable(cause: unknown): ViewerFailure {
  return new ViewerFailure(
    UNREACHABLE,
    'The Samepoint server does not answer.',
    'Check the network and try again. If the message stays, let your administrator check that the Samepoint server runs.',
    { cause, mend: 'retry' },
  );
}

/** 401 or 403 without a body of the server: a proxy or the login in front of it. */
export function unauthorized(): ViewerFailure {
  return new ViewerFailure(
    'viewer/unauthorized',
    'The PACS did not accept your login for these images.',
    'Log in again, or request access to this study. What is not saved stays in the list.',
    { mend: 'retry' },
  );
}

/** An answer that is none of the API's; `what` says what came instead. */
export function unexpectedAnswer(what: string, cause?: unknown): ViewerFailure {
  return new ViewerFailure(
    'viewer/unexpected-answer',
    'The Samepoint server gave an answer that the viewer cannot read.',
    'Contact your administrator to check the address of the Samepoint server and the proxy in front of it.',
    { cause, mend: 'retry', detail: what },
  );
}

/** Any thrown value as a failure that can be shown. */
export function asFailure(error: unknown): ViewerFailure {
  if (error instanceof ViewerFailure) return error;
  return new ViewerFailure(
    'viewer/unexpected',
    'Something went wrong inside the Samepoint extension.',
    'Try again. If it happens again, report it with the steps that led to it.',
    { cause: error, mend: 'retry' },
  );
}

/** True for a cancel by the reader. */
export function isCancelled(error: unknown): boolean {
  return error instanceof ViewerFailure && error.code === 'viewer/cancelled';
}
