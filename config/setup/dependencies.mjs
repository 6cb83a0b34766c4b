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
 * installed beside the packages, so that this needs no stamp and also sees what somebody else has installed.
 */
function isInstalled() {
  const locked = readJson(join(ROOT, 'package-lock.json'))?.packages ?? {};
  const installed = readJson(join(ROOT, 'node_modules/.package-lock.json'))?.packages;
  if (installed === undefined || !existsSync(join(ROOT, 'node_modules/.bin/node'))) return false;
  return Object.entries(locked)
    .filter(
      ([path, entry]) =>
        path.includes('node_modules/') && !entry.link && !entry.optional && !entry.devOptional,
    )
    .every(([path, entry]) => entry.peer === true || installed[path]?.version === entry.version);
}

/** Installs the locked dependencies, among them Node 24 as node_modules/.bin/node. */
export function installDependencies() {
  if (isInstalled()) return;
  say('installing dependencies (npm ci; about 600 MB, a minute or two) ...');
  run('npm', ['ci', '--no-audit', '--no-fund'], {
    // Its install script fetches CUDA libraries from outside npm; the CPU provider is in the package.
    env: { ONNXRUNTIME_NODE_INSTALL: 'skip' },
    remedy: 'npm could not install the locked dependencies. See its output above.',
  });
  const node = run(join(ROOT, 'node_modules/.bin/node'), ['--version'], {
    remedy:
      'The npm package "node" brought no binary for this platform. Was npm told to ignore install scripts?',
  });
  say(`dependencies installed, Node ${node.trim()}`);
}
