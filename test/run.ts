/**
 * `npm test` after its set-up: static gates, unit tests of every package, the Python tests of the training code, and the tests that
 * cross packages. Runs all of them, whatever fails; lists what was skipped and why; the last line counts.
 * @module
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { OUTPUT, ROOT } from './support/paths.ts';

/** What one suite came to. */
interface Count {
  readonly passed: number;
  readonly failed: number;
  /** Name and reason of each skipped test. */
  readonly skipped: readonly string[];
}

/** The part of jest's JSON report that is read. */
interface JestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numRuntimeErrorTestSuites: number;
  readonly testResults: readonly {
    readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[];
  }[];
}

const IN_CI = process.env['CI'] === 'true';
const PYTHON = '/usr/bin/python3';
/** What the Python tests import; from Debian. */
const PYTHON_MODULES = 'torch, onnx, nibabel, scipy';
/** jest needs it for native ES modules. */
const NODE_OPTIONS = '--experimental-vm-modules --disable-warning=ExperimentalWarning';

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
  const holds = succeeds(command, args);
  return { passed: holds ? 1 : 0, failed: holds ? 0 : 1, skipped: [] };
}

function jest(name: string, config: string): Count {
  say(`\n== ${name}`);
  const report = join(OUTPUT, `${name.replaceAll(' ', '-')}.json`);
  rmSync(report, { force: true });
  const green = succeeds('jest', ['--config', config, '--json', '--outputFile', report], { NODE_OPTIONS });
  try {
    return countJest(JSON.parse(readFileSync(report, 'utf8')) as JestReport, green);
  } catch (error) {
    say(`jest left no report: ${String(error)}`);
    return { passed: 0, failed: 1, skipped: [] };
  }
}

function countJest(report: JestReport, green: boolean): Count {
  const skipped = report.testResults
    .flatMap(({ assertionResults }) => assertionResults)
    .filter(({ status }) => status === 'pending' || status === 'todo')
    .map(({ fullName }) => fullName);
  const failed = report.numFailedTests + report.numRuntimeErrorTestSuites;
  // Jest also fails for reasons that are no test, such as an unhandled rejection after the last one.
  return { passed: report.numPassedTests, failed: failed === 0 && !green ? 1 : failed, skipped };
}

/** The training code, where Debian's PyTorch is installed. */
function python(): Count {
  say('\n== training code (python3 -m unittest)');
  const probe = spawnSync(PYTHON, ['-c', `import ${PYTHON_MODULES}`], { encoding: 'utf8' });
  if (probe.status !== 0) {
    return {
      passed: 0,
      failed: 0,
      skipped: [`training code [skipped: ${PYTHON} lacks one of ${PYTHON_MODULES}]`],
    };
  }
  const run = spawnSync(PYTHON, ['-m', 'unittest', 'discover', '--verbose', '-s', 'tests', '-t', '.'], {
    cwd: join(ROOT, 'models/training'),
    encoding: 'utf8',
  });
  const report = run.stderr;
  say(report.trimEnd());
  const lines = report
    .split('\n')
    .filter((line) => / \.\.\. /.test(line) || /^(ok|FAIL|ERROR|skipped)\b/.test(line));
  const ending = (pattern: RegExp): string[] => lines.filter((line) => pattern.test(line));
  const failed = ending(/(FAIL|ERROR)$/).length;
  return {
    passed: ending(/ok$/).length,
    failed: run.status !== 0 && failed === 0 ? 1 : failed,
    skipped: ending(/skipped /),
  };
}

function main(): void {
  mkdirSync(OUTPUT, { recursive: true });
  const counts = [
    gate('types', 'tsc', ['-b', 'config/tsconfig.json']),
    gate('lint', 'eslint', ['--config', 'config/eslint.config.js', '.']),
    gate('format', 'prettier', ['--check', '.']),
    gate('licences', process.execPath, ['test/papers/papers.ts', 'licences']),
    jest('unit tests', 'config/jest.config.js'),
    python(),
    jest('cross-package tests', 'config/jest.e2e.config.js'),
  ];
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

main();
