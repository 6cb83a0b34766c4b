import { expect } from '@jest/globals';

/** What is wrong with a configuration that is not accepted, a line each. */
export async function problemsOf(loading: Promise<unknown>): Promise<string> {
  const error: unknown = await loading.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toMatchObject({ code: 'config/invalid' });
  return (error as { fields: { problems: string[] } }).fields.problems.join('\n');
}
