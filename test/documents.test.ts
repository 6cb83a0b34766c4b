/** What documents say of the code: names, ports, versions, commands and links. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { execFileSync } from 'node:child_process';
import { configLeaves } from '../server/src/config/index.ts';
import { MATCH_METHODS } from '../server/src/matching/index.ts';
import { ROOT } from './support/paths.ts';

const DOCUMENTS = execFileSync('git', ['ls-files', '*.md'], { cwd: ROOT, encoding: 'utf8' })
  .trim()
  .split('\n')
  .filter((file) => file !== 'CHANGELOG.md' && file !== 'THIRD-PARTY-NOTICES.md');

function read(file: string): string {
  return readFileSync(join(ROOT, file), 'utf8');
}

/** The names in code style that begin the rows of the table after a heading. */
function firstColumn(text: string, heading: string): readonly string[] {
  const [, section = ''] = text.split(`${heading}\n`);
  const [table = ''] = /(?:^\|.*\n)+/mu.exec(section) ?? [];
  return [...table.matchAll(/^\| `([^`]+)`/gmu)].map(([, name = '']) => name);
}

test('the table of matching methods is the list of the code', () => {
  expect(firstColumn(read('docs/architecture.md'), '## Matching methods')).toEqual(MATCH_METHODS);
});

test('the table of modules is that of the lint gate', async () => {
  const file: string = join(ROOT, 'config/modules.js');
  const { MODULES } = (await import(file)) as { readonly MODULES: Readonly<Record<string, unknown>> };
  const named = firstColumn(read('docs/architecture.md'), '## Modules').map((name) =>
    name.replace(/\/$/u, ''),
  );
  expect([...named].sort()).toEqual(Object.keys(MODULES).sort());
});

test('documents name the port on which the server listens', () => {
  const port = configLeaves.find(({ key }) => key === 'http.port')?.defaultValue;
  const text = read('README.md');
  const ports = [...text.matchAll(/127\.0\.0\.1:(\d+)/gu)].map(([, found]) => Number(found));
  expect(new Set(ports)).toEqual(new Set([port]));
});

test('the README names the Node that package.json requires', () => {
  const { engines } = JSON.parse(read('package.json')) as { readonly engines: { readonly node: string } };
  expect(`>=${/Node (\d+\.\d+) or later/u.exec(read('README.md'))?.[1] ?? ''}`).toBe(engines.node);
});

test('the block that loads the extension is the same in the README, the example and the demo', () => {
  const unindented = read('README.md').replaceAll(/^ {3}/gmu, '');
  const sources = [
    unindented,
    read('config/app-config.existing.example.js'),
    read('config/app-config.demo.js'),
  ];
  const blocks = sources.map((text) => /^function samepoint\(url\) \{\n[^]*?\n\}\n/mu.exec(text)?.[0]);
  expect(blocks[0]).toContain('import(url)');
  expect(new Set(blocks).size).toBe(1);
  for (const text of sources) {
    expect(text).toContain("extensions: [samepoint('/samepoint/extension.js')],");
    expect(text).not.toContain("extensions: ['");
  }
});

test('every command of the documents is a script of package.json', () => {
  const { scripts } = JSON.parse(read('package.json')) as {
    readonly scripts: Readonly<Record<string, string>>;
  };
  // Of a workspace (-w) it is a script of another package.
  const run = /npm run (?:--silent )?([a-z][\w:]*)( -w)?/gu;
  const unknown = DOCUMENTS.flatMap((file) =>
    [...read(file).matchAll(run)]
      .filter(([, name = '', workspace]) => workspace === undefined && !(name in scripts))
      .map(([command]) => `${file}: ${command}`),
  );
  expect(unknown).toEqual([]);
});

test('every link to a file of the repository leads somewhere', () => {
  const broken = DOCUMENTS.flatMap((file) =>
    [...read(file).matchAll(/\]\((?!https?:|mailto:|#)([^)#\s]+)/gu)]
      .map(([, target = '']) => target)
      .filter((target) => !existsSync(join(ROOT, dirname(file), target)))
      .map((target) => `${file}: ${target}`),
  );
  expect(broken).toEqual([]);
});

test('each decision has a number of its own, which its title repeats', () => {
  const decisions = DOCUMENTS.filter((file) => /^docs\/decisions\/\d/u.test(file));
  const numbers = decisions.map((file) => /\/(\d+)-/u.exec(file)?.[1]);
  expect(numbers.length).toBeGreaterThan(20);
  expect(new Set(numbers).size).toBe(numbers.length);
  for (const [index, file] of decisions.entries())
    expect(read(file)).toMatch(new RegExp(`^# ${String(numbers[index])}\\b`, 'u'));
});
