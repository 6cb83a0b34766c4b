import { existsSync } from 'node:fs';
import { run, say, SetupError } from './run.mjs';

/** Programs of the tests: where each one is, its Debian package, and what cannot be tested without it. */
export const PROGRAMS = [
  { path: '/usr/bin/chromium', package: 'chromium', tests: 'everything in a browser, and WebGPU' },
  { path: '/usr/sbin/Orthanc', package: 'orthanc', tests: 'everything against Orthanc' },
  {
    path: '/usr/share/orthanc/plugins/libOrthancDicomWeb.so',
    package: 'orthanc-dicomweb',
    tests: 'everything against Orthanc',
  },
  { path: '/usr/bin/dsrdump', package: 'dcmtk', tests: 'DICOM SR read by another implementation' },
  { path: '/usr/bin/dciodvfy', package: 'dicom3tools', tests: 'validity of written DICOM objects' },
  { path: '/usr/bin/plastimatch', package: 'plastimatch', tests: 'registrations by another program' },
  { path: '/usr/sbin/nginx', package: 'nginx-light', tests: 'the reverse proxy of the README' },
  { path: '/usr/bin/redis-server', package: 'redis-server', tests: 'several workers on Redis' },
  {
    path: '/usr/lib/postgresql/15/bin/postgres',
    package: 'postgresql',
    tests: 'the databases of the containers',
  },
  {
    path: '/usr/lib/python3.11/ensurepip',
    package: 'python3-venv',
    tests: 'lint and format of the Python files',
  },
  ...['torch', 'onnx', 'nibabel', 'scipy'].map((name) => ({
    path: `/usr/lib/python3/dist-packages/${name}`,
    package: `python3-${name}`,
    tests: 'the training code',
  })),
];

function missing() {
  return PROGRAMS.filter(({ path }) => !existsSync(path));
}

function canInstall() {
  return process.getuid?.() === 0 && existsSync('/usr/bin/apt-get');
}

function install(packages) {
  say(`installing Debian packages: ${packages.join(' ')} ...`);
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  const remedy = 'apt-get could not install the packages. See its output above.';
  run('apt-get', ['update', '-qq'], { env, remedy });
  run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...packages], { env, remedy });
}

/**
 * Makes sure that the programs of the tests are there. Installs them where it may; elsewhere it says what will be skipped, and
 * in CI, where nothing may be skipped, it fails.
 */
export function checkDebianPackages() {
  if (missing().length > 0 && canInstall()) install(missing().map((program) => program.package));
  const absent = missing();
  if (absent.length === 0) return;
  const packages = absent.map((program) => program.package).join(' ');
  if (process.env.CI === 'true') {
    throw new SetupError(`missing in CI: ${packages}`, `Install them: apt-get install ${packages}`);
  }
  for (const { package: name, tests } of absent) say(`${name} is missing; skipped: ${tests}`);
  say(`to run them: sudo apt-get install ${packages}`);
}
