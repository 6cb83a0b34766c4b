/** The examples of docs/applications.md, run on a generated patient in coarse voxels: every command, and the form of what it prints. */
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { jest } from '@jest/globals';
import { CLI, NODE, ROOT, temporaryFolder } from './support/paths.ts';

/** Each scan is embedded once. */
jest.setTimeout(600_000);

/** Voxels of 4 mm and more: seconds for a scan. */
const COARSENESS = '4';
const DOCUMENT = readFileSync(join(ROOT, 'docs/applications.md'), 'utf8');
const README = readFileSync(join(ROOT, 'README.md'), 'utf8');
/** What a command that writes a folder says of its results. */
const MAIN_FILE: Readonly<Record<string, string>> = { pairs: 'pairs.jsonl', register: 'report.json' };
const COMMAND = /^npm exec -- samepoint ([^#\n]*)/gmu;

interface Example {
  readonly commands: readonly (readonly string[])[];
  /** The block after the commands. */
  readonly output: string | undefined;
}

/** A line of a shell as its words; quotes are not used. */
function wordsOf(line: string): readonly string[] {
  return line.trim().split(/\s+/u);
}

const EXAMPLES: readonly Example[] = [
  ...DOCUMENT.matchAll(/```sh\n([^]*?)```(?:[^`]{0,80}```\n([^]*?)```)?/gu),
].map(([, commands = '', output]) => ({
  commands: [...commands.matchAll(COMMAND)].map(([, line = '']) => wordsOf(line)),
  output,
}));

/** The names of the rows of a table of commands, in the order of the table. */
function commandsOf(text: string): readonly string[] {
  return [...text.matchAll(/^\| \[?`samepoint (\w+)`/gmu)].map(([, name = '']) => name);
}

/** Names in what is shown: the columns of a CSV, or the keys of JSON. */
function namesIn(shown: string): readonly string[] {
  const [first = ''] = shown.split(/\r?\n/u);
  if (!first.startsWith('{')) return first.split(',').filter((name) => name !== '…');
  return [...shown.matchAll(/"(\w+)":/gu)].map(([, name = '']) => name);
}

describe('examples of docs/applications.md', () => {
  const folder = temporaryFolder('applications');
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  function samepoint(words: readonly string[]): string {
    const args = words.map((word, n) => (words[n - 1] === '--count' ? '2' : word));
    const coarse = words[0] === 'phantom' ? ['--coarseness', COARSENESS] : ['--cache', 'cache'];
    const { status, stdout, stderr } = spawnSync(NODE, [CLI, ...args, ...coarse], {
      cwd: folder,
      encoding: 'utf8',
      env: { ...process.env, NODE_OPTIONS: '' },
    });
    if (status !== 0) throw new Error(`samepoint ${args.join(' ')}: ${stderr}`);
    return stdout;
  }

  /** What the last command printed, or wrote to the first file that it names. */
  function resultOf(words: readonly string[], printed: string): string {
    const out = words[words.indexOf('--out') + 1];
    if (!words.includes('--out') || out === undefined) return printed;
    const names = [`${out}.jsonl`, join(out, MAIN_FILE[words[0] ?? ''] ?? '')];
    const written = names.find((name) => existsSync(join(folder, name))) ?? out;
    return readFileSync(join(folder, written), 'utf8');
  }

  test.each(
    EXAMPLES.map(
      (example) =>
        [example.commands.map((words) => words.slice(0, 2).join(' ')).join(', '), example] as const,
    ),
  )('%s', (_, { commands, output }) => {
    let printed = '';
    for (const words of commands) printed = samepoint(words);
    if (output === undefined) return;
    const found = resultOf(commands.at(-1) ?? [], printed);
    for (const name of namesIn(output)) expect(namesIn(found)).toContain(name);
  });

  test('are of every command in the table', () => {
    const run = new Set(EXAMPLES.flatMap(({ commands }) => commands.map(([name]) => name)));
    const listed = commandsOf(DOCUMENT);
    expect(listed.length).toBeGreaterThan(5);
    for (const name of listed) expect(run).toContain(name);
    // The README has them, too, and the phantom in addition.
    expect([...commandsOf(README)].sort()).toEqual([...listed, 'phantom'].sort());
  });

  test('give the numbers that the table of the README repeats', () => {
    const rows = README.split('\n').filter((line) => /^\| `samepoint \w+`/u.test(line));
    expect(rows.length).toBeGreaterThan(5);
    for (const row of rows) {
      const shown = row.split('|').at(-2) ?? '';
      const numbers = shown.split(/[ ,]/u).filter((word) => /^[\d.]+$/u.test(word));
      for (const number of numbers) expect(DOCUMENT).toContain(number);
    }
  });
});
