/** Matchers of Jest with the type of what they stand for; Jest gives them none. For tests. @module */

/** Any text with this in it, or that this matches. */
export function textLike(pattern: string | RegExp): string {
  return (
    typeof pattern === 'string' ? expect.stringContaining(pattern) : expect.stringMatching(pattern)
  ) as string;
}

/** Any error with these properties. */
export function errorLike(properties: object): Error {
  return expect.objectContaining(properties) as Error;
}
