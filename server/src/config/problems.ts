import type { z } from 'zod';
import { configLeaves, sectionNames, sourceLeaves, SOURCES } from './configLeaf.ts';

function allowedKeys(path: readonly PropertyKey[]): string {
  const section = path[0];
  if (section === undefined) return sectionNames.join(', ');
  const keys = section === SOURCES ? sourceLeaves : configLeaves;
  return keys
    .filter((leaf) => leaf.section === section)
    .map((leaf) => leaf.name)
    .join(', ');
}

const BOUND_ON_BOTH =
  'is no key any more; use memory.maxBytes (SAMEPOINT_MEMORY_MAX_BYTES), which bounds the memory of the server and of its inference process together';

/** Keys and variables that were there before, and what to use instead. */
const REPLACED: Readonly<Record<string, string>> = {
  'embedding.memoryMaxBytes': BOUND_ON_BOTH,
  SAMEPOINT_EMBEDDING_MEMORY_MAX_BYTES: BOUND_ON_BOTH,
};

/** What to use instead of a key or variable that was there before. */
export function replacementOf(key: string): string | undefined {
  return REPLACED[key];
}

function describeUnknown(key: string, path: readonly PropertyKey[]): string {
  const replaced = replacementOf(key);
  return replaced === undefined
    ? `${key}: unknown key; allowed: ${allowedKeys(path)}`
    : `${key}: ${replaced}`;
}

function describeIssue(issue: z.core.$ZodIssue): string[] {
  const at = issue.path.map(String).join('.');
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => describeUnknown([at, key].filter(Boolean).join('.'), issue.path));
  }
  const leaf = configLeaves.find(({ key }) => at === key || at.startsWith(`${key}.`));
  const variable = leaf === undefined ? '' : ` (or ${leaf.variable})`;
  return [`${at === '' ? 'configuration' : at}${variable}: ${issue.message}`];
}

/** What is wrong with a configuration, key by key, with the allowed keys where one is unknown. */
export function describeProblems(error: z.ZodError): string[] {
  return error.issues.flatMap(describeIssue);
}
