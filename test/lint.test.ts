/** The gate against expressions that need quadratic time can fail. */
import { ESLint } from 'eslint';
import { join } from 'node:path';
import { ROOT } from './support/paths.ts';

const eslint = new ESLint({ cwd: ROOT, overrideConfigFile: join(ROOT, 'config/eslint.config.js') });

/** Rules that a file of this text breaks; a script, which needs no types. */
async function broken(text: string): Promise<readonly (string | null)[]> {
  const [result] = await eslint.lintText(text, { filePath: join(ROOT, 'config/gate.mjs') });
  return (result?.messages ?? []).map(({ ruleId }) => ruleId);
}

test.each([
  ['/[\\0 ]+$/', 'regexp/no-super-linear-move'],
  ['/\\s*$/g', 'regexp/no-super-linear-move'],
  ['/\\/+$/', 'regexp/no-super-linear-move'],
  ['/^(a+)+$/', 'regexp/no-super-linear-backtracking'],
  ['/^\\s*(.*?)\\s*$/', 'regexp/no-super-linear-backtracking'],
])('%s is refused', async (expression, rule) => {
  expect(await broken(`export const expression = ${expression};\n`)).toContain(rule);
});

test('an expression that needs linear time is not', async () => {
  expect(await broken('export const expression = /^[0-9]+$/;\n')).toEqual([]);
});
