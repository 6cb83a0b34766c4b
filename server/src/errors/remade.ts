import { catalogue } from './catalogue.ts';
import type { ErrorCode, ErrorFields } from './catalogue.ts';
import { SamepointError } from './samepointError.ts';

function isCode(code: string): code is ErrorCode {
  return code in catalogue;
}

/** An error that another process of ours has made, from its code and fields; undefined where the code is of another version. */
export function remadeError(
  code: string,
  fields: Readonly<Record<string, unknown>>,
): SamepointError | undefined {
  // The other process has made it of the same catalogue; the type of the fields follows from the code.
  return isCode(code) ? new SamepointError(code, fields as ErrorFields<ErrorCode>) : undefined;
}
