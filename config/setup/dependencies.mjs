import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, run, say } from './run.mjs';

function readJson(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}

/**
 * True when node_modules holds every package of the lock file in its locked version. npm keeps a list of what it
 * installed beside the packages, so that this needs no stamp and also sees packages that another program has installed.
 */
function isInstalled() {
  const locked = readJson(join(ROOT, 'package-lock.json'))?.packages ?? {};
  const installed = readJson(join(ROOT, 'node_modules/.package-lock.json'))?.packages;
  if (installed === undefined) return false;
  return Object.entries(locked)
    .filter(
      ([path, entry]) =>
        path.includes('node_modules/') && !entry.link && !entry.optional && !entry.devOptional,
    )
    .every(([path, entry]) => entry.peer === true || installed[path]?.version === entry.version);
}

const NODE = join(ROOT, 'node_modules/.bin/node');
const NODE_PACKAGE = join(ROOT, 'node_modules/node');

/**
 * Node 24 as node_modules/.bin/node. The npm package "node" fetches the package of this platform from the npm registry in an install
 * script, and .npmrc lets no package run one: it is called here, by name.
 */
function installNode() {
  if (existsSync(NODE)) return;
  say('installing Node 24 (the npm package "node"; about 120 MB) ...');
  const remedy = 'The npm package "node" brought no binary for this platform. See the output above.';
  run(process.execPath, ['installArchSpecificPackage.js'], { cwd: NODE_PACKAGE, remedy });
  // npm links no program that was not there when the package came.
  run('npm', ['rebuild', 'node'], { remedy });
  say(`Node ${run(NODE, ['--version'], { remedy }).trim()}`);
}

/** Installs the locked dependencies, and Node 24. */
export function installDependencies() {
  if (!isInstalled()) {
    say('installing dependencies (npm ci; about 600 MB, a minute or two) ...');
    run('npm', ['ci', '--no-audit', '--no-fund'], {
      remedy: 'npm could not install the locked dependencies. See its output above.',
    });
  }
  installNode();
}
