/**
 * The Pythons of the tests: of models/training, with Debian's PyTorch and with the current one of PyPI; and of highdicom.
 * @module
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { ROOT } from './paths.ts';

/** Result of one suite. */
export interface Count {
  readonly passed: number;
  readonly failed: number;
  /** Name and reason of each skipped test. */
  readonly skipped: readonly string[];
}

/** A Python that can run the tests of the training code. */
interface Interpreter {
  readonly name: string;
  readonly path: string;
  readonly environment: NodeJS.ProcessEnv;
  /** What to do where its modules are missing. */
  readonly remedy: string;
}

/** The linter, installed by config/setup/python.mjs. */
export const RUFF = join(ROOT, '.cache/python/tools/bin/ruff');
const HIGHDICOM_FOLDER = join(ROOT, '.cache/python/highdicom');
/** Written by config/setup/python.mjs when all of the environment is there. */
export const HIGHDICOM = join(HIGHDICOM_FOLDER, '.requirements');
/** A Python that has highdicom. */
export const HIGHDICOM_PYTHON = join(HIGHDICOM_FOLDER, 'bin/python');
const SIMPLEITK_FOLDER = join(ROOT, '.cache/python/simpleitk');
export const SIMPLEITK = join(SIMPLEITK_FOLDER, '.requirements');
/** A Python that has SimpleITK. */
export const SIMPLEITK_PYTHON = join(SIMPLEITK_FOLDER, 'bin/python');
const CLIENT_FOLDER = join(ROOT, '.cache/python/client');
export const CLIENT = join(CLIENT_FOLDER, '.requirements');
/** A Python that has what the client is tested with: SimpleITK and Jupyter. */
export const CLIENT_PYTHON = join(CLIENT_FOLDER, 'bin/python');
/** What the Python tests import. */
const MODULES = 'torch, onnx, nibabel, scipy';

/** PyTorch 1.13 of Debian 12: the oldest supported version. */
export function debianPytorch(): Interpreter {
  return {
    name: "training code with Debian's PyTorch",
    path: '/usr/bin/python3',
    environment: {},
    remedy: 'apt-get install python3-torch python3-onnx python3-nibabel python3-scipy',
  };
}

/** The current PyTorch; what it deprecates is an error here, so that the next version brings no surprise. */
export function currentPytorch(): Interpreter {
  return {
    name: 'training code with the current PyTorch',
    path: join(ROOT, '.cache/python/current/bin/python'),
    environment: { PYTHONWARNINGS: 'error::DeprecationWarning,error::FutureWarning' },
    remedy: 'npm run test:python:current',
  };
}

/** Runs the unit tests of models/training and counts them; skipped, with the reason, where the interpreter lacks a module. */
export function trainingTests({ name, path, environment, remedy }: Interpreter): Count {
  process.stdout.write(`\n== ${name}\n`);
  const probe = spawnSync(path, ['-c', `import ${MODULES}`], { encoding: 'utf8' });
  if (probe.status !== 0) {
    const reason = `${path} lacks one of ${MODULES}: ${remedy}`;
    return { passed: 0, failed: 0, skipped: [`${name} [skipped: ${reason}]`] };
  }
  const run = spawnSync(path, ['-m', 'unittest', 'discover', '--verbose', '-s', 'tests', '-t', '.'], {
    cwd: join(ROOT, 'models/training'),
    encoding: 'utf8',
    // One thread: the networks of the tests are tiny, and spinning threads slow down whatever runs beside them.
    env: { ...process.env, OMP_NUM_THREADS: '1', ...environment },
  });
  process.stdout.write(`${run.stderr.trimEnd()}\n`);
  return countTests(run.stderr, run.status);
}

/** Counts in the verbose report of unittest; a run that failed without a failed test counts as one failure. */
export function countTests(report: string, status: number | null): Count {
  const lines = report
    .split('\n')
    .filter((line) => / \.\.\. /.test(line) || /^(ok|FAIL|ERROR|skipped)\b/.test(line));
  const ending = (pattern: RegExp): string[] => lines.filter((line) => pattern.test(line));
  const failed = ending(/(FAIL|ERROR)$/).length;
  return {
    passed: ending(/ok$/).length,
    failed: status !== 0 && failed === 0 ? 1 : failed,
    skipped: ending(/skipped /),
  };
}
