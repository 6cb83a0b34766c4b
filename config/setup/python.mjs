import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, run, say, SetupError } from './run.mjs';

/** Environments are kept here; each holds exactly what its file in config/python pins. */
const FOLDER = '.cache/python';
/** Written into an environment once it is complete: the hash of its pinned requirements. */
const STAMP = '.requirements';
const PYTHON = '/usr/bin/python3';
const UV = `${FOLDER}/tools/bin/uv`;

/** Installs packages whose versions are all given. */
function installPinned(folder, packages) {
  const into = ['pip', 'install', '-q', '--no-cache', '--no-deps', '--python', `${folder}/bin/python`];
  run(UV, [...into, ...packages]);
}

function installWithPip(folder, requirements) {
  run(PYTHON, ['-m', 'venv', folder]);
  const options = ['-q', '--disable-pip-version-check', '--retries=1', '--require-hashes'];
  run(`${folder}/bin/pip`, ['install', ...options, '-r', requirements]);
}

const ENVIRONMENTS = {
  tools: { what: 'ruff', tests: 'lint and format of the Python files', install: installWithPip },
  highdicom: {
    what: 'highdicom (120 MB)',
    tests: 'reports read by highdicom',
    install(folder, requirements) {
      run(UV, ['venv', '-q', '--python', PYTHON, folder]);
      installPinned(folder, ['--require-hashes', '-r', requirements]);
    },
  },
  simpleitk: {
    what: 'SimpleITK (70 MB)',
    tests: 'registrations read by SimpleITK',
    install(folder, requirements) {
      run(UV, ['venv', '-q', '--python', PYTHON, folder]);
      installPinned(folder, ['--require-hashes', '-r', requirements]);
    },
  },
  client: {
    what: 'what the Python client is tested with (SimpleITK, Jupyter; 120 MB)',
    tests: 'the Python client and its notebook',
    install(folder, requirements) {
      run(UV, ['venv', '-q', '--python', PYTHON, folder]);
      installPinned(folder, ['--require-hashes', '-r', requirements]);
    },
  },
  pydicom: { what: 'pydicom', tests: 'comparison with another reader of DICOM', install: installWithPip },
  current: {
    what: 'the current PyTorch (2.5 GB of downloads, 4.5 GB on disk, one to two minutes)',
    tests: 'the training code with the current PyTorch',
    install(folder, requirements) {
      run(UV, ['venv', '-q', '--python', PYTHON, folder]);
      installPinned(folder, ['--require-hashes', '-r', requirements]);
      installPinned(folder, ['--no-build-isolation', '-e', 'models/training']);
    },
  },
};

/** Makes an environment unless it is there with the pinned requirements. */
function makeEnvironment(name) {
  const { what, install } = ENVIRONMENTS[name];
  const requirements = `config/python/${name}.txt`;
  const hash = createHash('sha256')
    .update(readFileSync(join(ROOT, requirements)))
    .digest('hex');
  const folder = `${FOLDER}/${name}`;
  const stamp = join(ROOT, folder, STAMP);
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === hash) return;
  say(`installing ${what} from PyPI ...`);
  rmSync(join(ROOT, folder), { recursive: true, force: true });
  install(folder, requirements);
  writeFileSync(stamp, hash);
}

/** False where the environment cannot be made, which is reported; in CI it is an error. */
function tryEnvironment(name) {
  try {
    makeEnvironment(name);
    return true;
  } catch (error) {
    if (!(error instanceof SetupError) || process.env.CI === 'true') throw error;
    say(`${error.message}; skipped: ${ENVIRONMENTS[name].tests}`);
    return false;
  }
}

/** Makes the Python environment of the comparison with another reader of DICOM (`npm run bench:corpus`). */
export function makePydicomEnvironment() {
  tryEnvironment('pydicom');
}

/**
 * Makes the Python environments of the gates, `tools`, `highdicom`, `simpleitk`, `client`, `pydicom` and, if requested, `current`. Where PyPI or the module venv is
 * missing it reports what is skipped; in CI, where nothing may be skipped, it fails.
 * @param {{ current: boolean }} options
 */
export function makePythonEnvironments({ current }) {
  for (const name of [
    'tools',
    'highdicom',
    'simpleitk',
    'client',
    'pydicom',
    ...(current ? ['current'] : []),
  ])
    if (!tryEnvironment(name)) return;
}
