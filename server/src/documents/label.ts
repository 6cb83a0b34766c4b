/** Longest label in characters: what still fits on one line beside an arrow in a viewport of a full-HD screen. */
export const LABEL_LENGTH = 256;

/** Why a text is no label of one line; undefined where it is one. */
export function labelProblem(label: string): string | undefined {
  const text = label.trim();
  if (text === '') return 'is empty';
  if (text.length > LABEL_LENGTH) return `has ${text.length} characters, more than ${LABEL_LENGTH}`;
  // Control characters: viewers draw one line, and UT gives only some of them a meaning (PS3.5 6.2).
  if (/\p{Cc}/u.test(text)) return 'holds a control character or a line break';
  // Half of a surrogate pair has no UTF-8 form.
  if (/\p{Cs}/u.test(text)) return 'is not well-formed Unicode';
  return undefined;
}
