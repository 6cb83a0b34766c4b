/**
 * `npm test` after its set-up: static gates, unit tests of every package, the Python tests of the training code, and the tests that
 * cross packages. Runs all of them, whatever fails; lists what was skipped and why; the last line counts.
 * @module
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { countJest, failedFiles, withSecondRun } from './support/jestReport.ts';
import type { JestReport } from './support/jestReport.ts';
import { OUTPUT, ROOT } from './support/paths.ts';
import { currentPytorch, debianPytorch, RUFF, trainingTests } from './support/python.ts';
import type { Count } from './support/python.ts';

const IN_CI = process.env['CI'] === 'true';
/** jest needs it for native ES modules. */
const NODE_OPTIONS = '--experimental-vm-modules --disable-warning=ExperimentalWarning';
const [UNIT, CROSS_PACKAGE] = ['config/jest.config.js', 'config/jest.e2e.config.js'];
/** More files than this do not fail by accident. */
const UNSTEADY_FILES = 2;
/** What the paths of tests in a browser, and of tests that attack a server, hold. */
const [BROWSER_TESTS, SECURITY_TESTS] = ['/test/browser/', '/test/security/'];

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

function succeeds(command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): boolean {
  const { status } = spawnSync(command, args, {
    cwd: ROOT,
    stdio: 'inherit',
    env: { ...process.env, ...env },
  });
  return status === 0;
}

/** A command that is one check: it holds or it does not. */
function gate(name: string, command: string, args: readonly string[]): Count {
  say(`\n== ${name}`);
  return countOf(succeeds(command, args));
}

function countOf(holds: boolean): Count {
  return { passed: holds ? 1 : 0, failed: holds ? 0 : 1, skipped: [] };
}

/** The same beside others: what it prints comes when it has ended. */
async function gateBeside(name: string, command: string, args: readonly string[]): Promise<Count> {
  const child = spawn(command, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
  let printed = '';
  const keep = (text: Buffer): void => {
    printed += text.toString();
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  const [status] = (await once(child, 'close')) as [number | null];
  say(`\n== ${name}\n${printed}`);
  return countOf(status === 0);
}

/** ESLint uses one core for as long as all other gates need. */
async function codeGates(): Promise<Count[]> {
  const others = async (): Promise<Count[]> => [
    await gateBeside('modules', 'npm', ['run', '--silent', 'lint:modules']),
    await gateBeside('unused names', 'npm', ['run', '--silent', 'lint:unused']),
    await gateBeside('format', 'prettier', ['--check', '.']),
    await gateBeside('licences', process.execPath, ['test/papers/papers.ts', 'licences']),
  ];
  const lint = gateBeside('lint', 'eslint', ['--config', 'config/eslint.config.js', '.']);
  const counts = await Promise.all([others(), lint]);
  return counts.flat();
}

/** Lint and format of every Python file, where ruff could be installed from PyPI. */
function pythonGates(): Count[] {
  if (!existsSync(RUFF)) {
    return [{ passed: 0, failed: 0, skipped: ['lint and format of the Python files [skipped: no PyPI]'] }];
  }
  return [
    gate('python lint', RUFF, ['check', '--config', 'config/ruff.toml', '.']),
    gate('python format', RUFF, ['format', '--check', '--config', 'config/ruff.toml', '.']),
  ];
}

/** Tests of jest, by the name that the summary and the report have. */
interface JestRun {
  readonly name: string;
  readonly config: string;
  /** Which files, in jest's own options; all of the configuration without. */
  readonly files?: readonly string[];
}

/** How jest ended; no report where it wrote none. */
interface JestEnd {
  readonly config: string;
  readonly report: JestReport | undefined;
  readonly isGreen: boolean;
}

/** Runs tests; what they print goes to the terminal, or to an open file. */
async function jest(
  { name, config, files = [] }: JestRun,
  output: number | 'inherit' = 'inherit',
): Promise<JestEnd> {
  const path = join(OUTPUT, `${name.replaceAll(' ', '-')}.json`);
  rmSync(path, { force: true });
  const args = ['--config', config, '--json', '--outputFile', path, ...files];
  const env = { ...process.env, NODE_OPTIONS };
  const child = spawn('jest', args, { cwd: ROOT, stdio: ['ignore', output, output], env });
  const [status] = (await once(child, 'close')) as [number | null];
  try {
    return { config, report: JSON.parse(readFileSync(path, 'utf8')) as JestReport, isGreen: status === 0 };
  } catch (error) {
    say(`jest wrote no report: ${String(error)}`);
    return { config, report: undefined, isGreen: false };
  }
}

function countOfJest({ report, isGreen }: JestEnd): Count {
  return report === undefined ? countOf(false) : countJest(report, isGreen);
}

async function unitTests(): Promise<JestEnd> {
  say('\n== unit tests');
  return await jest({ name: 'unit tests', config: UNIT });
}

/** Tests in a browser wait for what is drawn: the other ones run beside them, and are printed afterwards. Both halves last as long. */
async function crossPackageTests(): Promise<JestEnd[]> {
  const log = join(OUTPUT, 'without-a-browser.log');
  const file = openSync(log, 'w');
  const others = ['--testPathIgnorePatterns', '/node_modules/', '/output/', BROWSER_TESTS, SECURITY_TESTS];
  const first = async (): Promise<JestEnd[]> => {
    say('\n== cross-package tests in a browser');
    const browser = await jest({
      ...{ name: 'browser tests', config: CROSS_PACKAGE },
      files: ['--testPathPatterns', BROWSER_TESTS],
    });
    say('\n== security');
    const files = ['--testPathPatterns', SECURITY_TESTS];
    return [browser, await jest({ name: 'security tests', config: CROSS_PACKAGE, files })];
  };
  const ends = await Promise.all([
    first(),
    jest({ name: 'tests without a browser', config: CROSS_PACKAGE, files: others }, file),
  ]);
  closeSync(file);
  say(`\n== cross-package tests without a browser\n${readFileSync(log, 'utf8')}`);
  return ends.flat();
}

/**
 * Runs the files that failed once more, with nothing beside them, and names those that pass then: real browsers, servers and clocks on a
 * busy machine are sometimes too late. Where more files failed, it is no accident.
 */
async function again(ends: readonly JestEnd[]): Promise<readonly JestEnd[]> {
  const failed = ends.flatMap(({ report }) => (report === undefined ? [] : failedFiles(report)));
  if (failed.length === 0 || failed.length > UNSTEADY_FILES) return ends;
  say('\n== second run of the files that failed');
  const results: JestEnd[] = [];
  for (const end of ends) results.push(await secondRun(end));
  return results;
}

async function secondRun(first: JestEnd): Promise<JestEnd> {
  const { config, report } = first;
  const files = report === undefined ? [] : failedFiles(report);
  if (report === undefined || files.length === 0) return first;
  const second = await jest({ name: 'second run', config, files: ['--runTestsByPath', ...files] });
  if (second.report === undefined) return first;
  const failed = failedFiles(second.report);
  for (const file of files) {
    const outcome = failed.includes(file) ? 'failed again' : 'UNSTEADY: passed at its second run';
    say(`${relative(ROOT, file)}: ${outcome}`);
  }
  return { config, report: withSecondRun(report, second.report), isGreen: failed.length === 0 };
}

async function main(): Promise<void> {
  mkdirSync(OUTPUT, { recursive: true });
  const gates = [
    gate('types', 'tsc', ['-b', 'config/tsconfig.json']),
    ...(await codeGates()),
    ...pythonGates(),
  ];
  const units = await unitTests();
  const training = [
    trainingTests(debianPytorch()),
    // 4.5 GB on disk: in CI, and elsewhere by `npm run test:python:current`.
    ...(IN_CI ? [trainingTests(currentPytorch())] : []),
  ];
  const tests = await again([units, ...(await crossPackageTests())]);
  const counts = [...gates, ...training, ...tests.map(countOfJest)];
  const skipped = counts.flatMap((count) => count.skipped);
  const sum = (key: 'passed' | 'failed'): number => counts.reduce((total, count) => total + count[key], 0);
  const failed = sum('failed') + (IN_CI ? skipped.length : 0);
  say('');
  if (skipped.length > 0) say(`skipped${IN_CI ? ' (in CI a failure)' : ''}:\n  ${skipped.join('\n  ')}`);
  process.exitCode = failed === 0 ? 0 : 1;
  say(
    `${sum('passed')} passed, ${failed} failed${skipped.length > 0 && !IN_CI ? `, ${skipped.length} skipped` : ''}`,
  );
}

await main();
