import { z } from 'zod';
import { InputError } from './files.ts';

/** Wrong places that are shown of a file; a file that is of another kind has one for each entry. */
const SHOWN = 5;

/**
 * Checks the content of a JSON file.
 * @param source where it came from, for the message.
 * @param description the document that describes the form.
 * @throws InputError with what is wrong and where.
 */
export function parseJson<T>(text: string, source: string, schema: z.ZodType<T>, description: string): T {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new InputError(`${source} is no JSON: ${cause instanceof Error ? cause.message : 'unreadable'}`, {
      cause,
    });
  }
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const { issues } = parsed.error;
  const problems = issues
    .slice(0, SHOWN)
    .map(({ path, message }) => `  ${z.core.toDotPath(path) || '(top)'}: ${message}`);
  if (issues.length > SHOWN) problems.push(`  and ${issues.length - SHOWN} more`);
  throw new InputError(
    `${source} does not have the form that ${description} describes:\n${problems.join('\n')}`,
  );
}
