/** The gates can fail: that against expressions that need quadratic time, and the limits of size, AssemblyScript included. */
import { ESLint } from 'eslint';
import { join } from 'node:path';
import { ROOT } from './support/paths.ts';

const eslint = new ESLint({ cwd: ROOT, overrideConfigFile: join(ROOT, 'config/eslint.config.js') });

/** Rules that a file of this text breaks; a script, which needs no types. */
async function broken(text: string, file = 'config/gate.mjs'): Promise<readonly (string | null)[]> {
  const [result] = await eslint.lintText(text, { filePath: join(ROOT, file) });
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

/** AssemblyScript of a search module, of a module one folder deeper, and of what all of them share. */
const ASSEMBLY_SCRIPT = [
  'server/src/search/wasm/gate.ts',
  'server/src/neighbourMap/wasm/gate.ts',
  'server/src/wasm/assembly/gate.ts',
];

const lines = (count: number, line: (n: number) => string): string =>
  Array.from({ length: count }, (_, n) => line(n)).join('\n');

/** A documented function of AssemblyScript. */
const functionOf = (parameters: string, body: string): string =>
  `/** Does it. */\nexport function run(${parameters}): i32 {\n${body}\nreturn 0;\n}\n`;

/** Parameters a0 and so on. */
const parameters = (count: number): string =>
  Array.from({ length: count }, (_, n) => `a${n}: usize`).join(', ');
/** A body that uses them. */
const stores = (count: number): string => lines(count, (n) => `store<i32>(a${n}, 1);`);

describe.each(ASSEMBLY_SCRIPT)('%s', (file) => {
  test.each([
    ['max-params', functionOf(parameters(8), stores(8))],
    [
      'max-lines-per-function',
      functionOf(
        'at: usize',
        lines(43, () => 'store<i32>(at, 1);'),
      ),
    ],
    [
      'complexity',
      functionOf(
        'at: usize',
        lines(12, (n) => `if (at == ${n}) store<i32>(at, 1);`),
      ),
    ],
    ['max-lines', lines(301, (n) => `export const VALUE_${n}: i32 = ${n};`)],
    [
      '@typescript-eslint/no-unused-vars',
      functionOf('at: usize', 'const unused: i32 = 1;\nstore<i32>(at, 1);'),
    ],
    ['jsdoc/require-jsdoc', functionOf('at: usize', 'store<i32>(at, 1);').replace('/** Does it. */', '')],
  ])('refuses a break of %s', async (rule, text) => {
    expect(await broken(text, file)).toEqual([rule]);
  });

  test.each([
    ['seven parameters', functionOf(parameters(7), stores(7))],
    [
      '45 lines, not counting comments',
      functionOf(
        'at: usize',
        lines(42, () => '// Why.\nstore<i32>(at, 1);'),
      ),
    ],
    [
      'twelve paths',
      functionOf(
        'at: usize',
        lines(11, (n) => `if (at == ${n}) store<i32>(at, 1);`),
      ),
    ],
    ['300 lines', lines(300, (n) => `export const VALUE_${n}: i32 = ${n};`)],
    [
      'SIMD and imports',
      `import { bytes } from '../../wasm/assembly/lanes';\n${functionOf('at: usize', 'v128.store(at, f32x4.splat(<f32>bytes(1)));')}`,
    ],
  ])('allows %s', async (_, text) => {
    expect(await broken(text, file)).toEqual([]);
  });
});
