import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, run, say, SetupError } from './run.mjs';

const FOLDER = join(ROOT, '.viewers');
/** Written into an unpacked viewer once it is complete: the integrity of the package it came from. */
const STAMP = '.integrity';

const { default: DEFAULT_VERSION, integrity: INTEGRITY } = JSON.parse(
  readFileSync(new URL('./viewers.json', import.meta.url), 'utf8'),
);

function isUnpacked(version) {
  const stamp = join(FOLDER, version, STAMP);
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === INTEGRITY[version];
}

/** Downloads the package into a folder of its own and checks it against the committed hash; returns the file. */
function download(version, folder) {
  run('npm', ['pack', `@ohif/app@${version}`, '--pack-destination', folder, '--loglevel=error'], {
    remedy: `The npm registry did not give @ohif/app@${version}. See the output above.`,
  });
  const file = join(folder, `ohif-app-${version}.tgz`);
  const found = `sha512-${createHash('sha512').update(readFileSync(file)).digest('base64')}`;
  if (found === INTEGRITY[version]) return file;
  throw new SetupError(
    `@ohif/app@${version} is not the package it was: ${found} instead of ${INTEGRITY[version]}`,
    'Do not use it. Check the npm registry that npm is set to; the expected hashes are in config/setup/viewers.json.',
  );
}

/**
 * Unpacks a stock viewer to .viewers/<version>. @ohif/app cannot be an ordinary dependency: its own dependencies of the same
 * version are not all on the registry, and none of them is needed, since dist/ is complete.
 */
function fetchViewer(version) {
  if (isUnpacked(version)) return;
  say(`fetching OHIF ${version} ...`);
  mkdirSync(FOLDER, { recursive: true });
  const work = mkdtempSync(join(FOLDER, '.fetch-'));
  try {
    const file = download(version, work);
    run('tar', ['-xzf', file, '-C', work]);
    writeFileSync(join(work, 'package', STAMP), INTEGRITY[version]);
    const target = join(FOLDER, version);
    // Renames, so that a viewer is either complete or not there.
    if (existsSync(target)) renameSync(target, join(work, 'old'));
    renameSync(join(work, 'package'), target);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** Fetches the default viewer, or all of them. */
export function fetchViewers(all) {
  for (const version of all ? Object.keys(INTEGRITY) : [DEFAULT_VERSION]) fetchViewer(version);
}
