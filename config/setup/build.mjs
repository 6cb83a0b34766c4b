import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ROOT, run, say } from './run.mjs';

/** What the build reads, and what proves that it ran. */
const SOURCES = ['package-lock.json', 'config/tsconfig.base.json', 'server', 'extension'];
const OUTPUTS = [
  'server/dist/index.js',
  'server/src/search/generated/searchModule.ts',
  'server/src/registration/generated/registrationModule.ts',
  'server/src/resampling/generated/resamplingModule.ts',
  'extension/dist/samepoint.js',
];
const NOT_SOURCES = new Set(['dist', 'generated', 'node_modules']);
const STAMP = join(ROOT, '.cache/setup/build');

/** Files below a path of the repository, in an order that does not depend on the file system. */
function* filesBelow(path) {
  if (statSync(join(ROOT, path)).isFile()) {
    if (!path.endsWith('.tsbuildinfo')) yield path;
    return;
  }
  const names = readdirSync(join(ROOT, path)).filter((name) => !NOT_SOURCES.has(name));
  for (const name of names.sort()) yield* filesBelow(`${path}/${name}`);
}

function hashOfSources() {
  const hash = createHash('sha256');
  for (const source of SOURCES) {
    for (const path of filesBelow(source))
      hash
        .update(`${path}\0`)
        .update(readFileSync(join(ROOT, path)))
        .update('\0');
  }
  return hash.digest('hex');
}

/** Builds server and extension when their sources have changed since the last build. */
export function buildPackages() {
  const hash = hashOfSources();
  const built = OUTPUTS.every((path) => existsSync(join(ROOT, path)));
  if (built && existsSync(STAMP) && readFileSync(STAMP, 'utf8') === hash) return;
  say('building ...');
  run('npm', ['run', 'build'], {
    // The build is over in seconds: a daemon that outlives it is of no use.
    env: { NX_DAEMON: 'false' },
    remedy: 'The sources do not compile; see the output above.',
  });
  mkdirSync(dirname(STAMP), { recursive: true });
  writeFileSync(STAMP, hash);
}
