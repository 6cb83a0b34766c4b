/** Longest text of a file that a message quotes. */
const SHOWN_LENGTH = 120;

/**
 * Text of an untrusted file as a message may quote it: one short line, without the control characters that would move the cursor
 * or change the colours of the terminal that prints it.
 */
export function shown(text: string): string {
  const start = text.length > SHOWN_LENGTH ? `${text.slice(0, SHOWN_LENGTH)}…` : text;
  return start.replace(/[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu, '\u{FFFD}');
}
