import { catalogue } from './catalogue.ts';
import type { ErrorCode, ErrorFields } from './catalogue.ts';
import type { ErrorSpec, Fields } from './spec.ts';

/** What is sent to a client: everything about the error except its cause and stack. */
export interface ErrorBody {
  readonly code: ErrorCode;
  readonly status: number;
  readonly message: string;
  readonly remedy: string;
  readonly fields: Fields;
}

/** The one error class: a code of the catalogue, its typed fields, and the cause where there is one. */
export class SamepointError<C extends ErrorCode = ErrorCode> extends Error {
  override readonly name = 'SamepointError';
  readonly code: C;
  readonly fields: ErrorFields<C>;

  constructor(code: C, fields: ErrorFields<C>, options?: ErrorOptions) {
    // The compiler cannot correlate an entry with its own fields through an index access.
    const entry = catalogue[code] as unknown as ErrorSpec<ErrorFields<C>>;
    super(entry.message(fields), options);
    this.code = code;
    this.fields = fields;
  }

  get status(): number {
    return catalogue[this.code].status;
  }

  get remedy(): string {
    return catalogue[this.code].remedy;
  }

  toJSON(): ErrorBody {
    const { code, status, message, remedy, fields } = this;
    return { code, status, message, remedy, fields };
  }
}

/** True for errors of the catalogue; with a code, only for that one. */
export function isSamepointError<C extends ErrorCode = ErrorCode>(
  error: unknown,
  code?: C,
): error is SamepointError<C> {
  return error instanceof SamepointError && (code === undefined || error.code === code);
}
