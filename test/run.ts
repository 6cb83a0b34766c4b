/**
 * `npm test` after its set-up: static gates, unit tests of every package, the Python tests of the training code, and the tests that
 * cross packages. Runs all of them, whatever fails; lists what was skipped and why; the last line counts.
 * @module
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { OUTPUT, ROOT } from './support/paths.ts';
import { currentPytorch, debianPytorch, RUFF, trainingTests } from './support/python.ts';
import type { Count } from './support/python.ts';

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

function jest(name: string, config: string): Count {
  say(`\n== ${name}`);
  const report = join(OUTPUT, `${name.replaceAll(' ', '-')}.json`);
  rmSync(report, { force: true });
  const green = succeeds('jest', ['--config', config, '--json', '--outputFile', report], { NODE_OPTIONS });
  try {
    return countJest(JSON.parse(readFileSync(report, 'utf8')) as JestReport, green);
  } catch (error) {
    say(`jest wrote no report: ${String(error)}`);
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

function main(): void {
  mkdirSync(OUTPUT, { recursive: true });
  const counts = [
    gate('types', 'tsc', ['-b', 'config/tsconfig.json']),
    gate('lint', 'eslint', ['--config', 'config/eslint.config.js', '.']),
    gate('modules', 'npm', ['run', '--silent', 'lint:modules']),
    gate('unused names', 'npm', ['run', '--silent', 'lint:unused']),
    gate('format', 'prettier', ['--check', '.']),
    ...pythonGates(),
    gate('licences', process.execPath, ['test/papers/papers.ts', 'licences']),
    jest('unit tests', 'config/jest.config.js'),
    trainingTests(debianPytorch()),
    // 4.5 GB on disk: in CI, and elsewhere by `npm run test:python:current`.
    ...(IN_CI ? [trainingTests(currentPytorch())] : []),
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
