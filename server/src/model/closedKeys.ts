import type { z } from 'zod';

/** Names in older manifests, and what they are called now. */
const RENAMED: ReadonlyMap<string, string> = new Map([
  ['structureWeights', 'neighbourMapWeights'],
  ['strangers', 'differentPatients'],
  ['structure', 'neighbour-map'],
]);

/** The error of an object with closed keys: says what is allowed in the place of a key that is not. */
export function closedKeys(allowed: readonly string[]): { readonly error: z.core.$ZodErrorMap } {
  const refusal = (key: string): string => {
    const now = RENAMED.get(key);
    return now === undefined || !allowed.includes(now)
      ? `"${key}" is none of ${allowed.join(', ')}`
      : `"${key}" is now called "${now}"`;
  };
  return {
    error: (issue) => (issue.code === 'unrecognized_keys' ? issue.keys.map(refusal).join('; ') : undefined),
  };
}
