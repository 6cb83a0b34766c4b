/** What is published: the extension as one file, the server as an npm package. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { NODE, ROOT } from './support/paths.ts';

const EXTENSION = join(ROOT, 'extension/dist/samepoint.js');

function packedFiles(workspace: string): string[] {
  const { stdout } = spawnSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts', '-w', workspace], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  const answer = JSON.parse(stdout) as
    { files: { path: string }[] }[] | Record<string, { files: { path: string }[] }>;
  return Object.values(answer).flatMap(({ files }) => files.map(({ path }) => path));
}

test('the extension is one file: it imports nothing', () => {
  const source = readFileSync(EXTENSION, 'utf8');
  expect(source).not.toMatch(/^[ \t]*import\s[^(]*from\s*["']/mu);
  expect(source).not.toMatch(/^[ \t]*import\s*["']/mu);
  expect(source).not.toMatch(/\bimport\(\s*["'][^."'/]/u);
  expect(source).not.toMatch(/\brequire\(\s*["']/u);
});

test('its default export is an OHIF extension named like its package', () => {
  const { name } = JSON.parse(readFileSync(join(ROOT, 'extension/package.json'), 'utf8')) as { name: string };
  const program = `const {default: e} = await import(${JSON.stringify(EXTENSION)}); console.log(JSON.stringify([e.id, typeof e.preRegistration]))`;
  const { stdout, stderr } = spawnSync(NODE, ['--input-type=module', '--eval', program], {
    encoding: 'utf8',
  });
  expect(stderr).toBe('');
  expect(JSON.parse(stdout)).toEqual([name, 'function']);
});

test('the extension package holds the bundle and nothing of its sources', () => {
  const files = packedFiles('@samepoint/ohif-extension');
  expect(files).toContain('dist/samepoint.js');
  expect(files.filter((path) => path.endsWith('.ts'))).toEqual([]);
});

test('the server package holds its command line and no test', () => {
  const files = packedFiles('@samepoint/server');
  expect(files).toContain('bin/samepoint.js');
  expect(files).toContain('dist/cli/main.js');
  expect(files).toContain('dist/index.d.ts');
  expect(files.filter((path) => /\.test\.|\.fixture\.|\/testing\/|testServer|^src\//u.test(path))).toEqual(
    [],
  );
});

test('npm exec finds the command after an install, without any other step', () => {
  const { status, stdout } = spawnSync('npm', ['exec', '--', 'samepoint', '--version'], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  expect([status, stdout.trim()]).toEqual([0, expect.stringMatching(/^\d+\.\d+\.\d+$/u)]);
});

test('the built package can be imported', () => {
  const program = "const s = await import('@samepoint/server'); console.log(typeof s.startServer)";
  const { stdout, stderr } = spawnSync(NODE, ['--input-type=module', '--eval', program], {
    cwd: join(ROOT, 'test'),
    encoding: 'utf8',
  });
  expect([stdout.trim(), stderr]).toEqual(['function', '']);
});
