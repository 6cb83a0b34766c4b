/**
 * Text without the given characters at its end, in linear time: `/[\0 ]+$/` is quadratic for a text with many of them in
 * its middle, and 60 kB of spaces then stop the server for seconds.
 */
export function withoutTrailing(text: string, characters: string): string {
  let end = text.length;
  while (end > 0 && characters.includes(text.charAt(end - 1))) end -= 1;
  return text.slice(0, end);
}

/** A value without its padding: NUL for UIDs, space for other text (PS3.5 6.2); writers mix the two up. */
export function withoutPadding(value: string): string {
  return withoutTrailing(value, '\0 ');
}
