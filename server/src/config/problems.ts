import type { z } from 'zod';
import { configLeaves, sectionNames } from './leaves.ts';

function allowedKeys(path: readonly PropertyKey[]): string {
  const section = path[0];
  const names =
    section === undefined
      ? sectionNames
      : configLeaves.filter((leaf) => leaf.section === section).map((leaf) => leaf.name);
  return names.join(', ');
}

function describeIssue(issue: z.core.$ZodIssue): string[] {
  const at = issue.path.map(String).join('.');
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map(
      (key) => `${[at, key].filter(Boolean).join('.')}: unknown key; allowed: ${allowedKeys(issue.path)}`,
    );
  }
  const leaf = configLeaves.find(({ key }) => at === key || at.startsWith(`${key}.`));
  const variable = leaf === undefined ? '' : ` (or ${leaf.variable})`;
  return [`${at === '' ? 'configuration' : at}${variable}: ${issue.message}`];
}

/** What is wrong with a configuration, key by key, with the allowed keys where one is unknown. */
export function describeProblems(error: z.ZodError): string[] {
  return error.issues.flatMap(describeIssue);
}
