import { existsSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { ROOT, run, say, SetupError } from './run.mjs';

/** The driver says its version here once it is loaded. */
const DRIVER = '/proc/driver/nvidia/version';
/** The Node that dependencies.mjs has installed: the script finds a proxy of the environment with its help only. */
const NODE = join(ROOT, 'node_modules/.bin/node');
const PACKAGE = join(ROOT, 'node_modules/onnxruntime-node');

/** What onnxruntime-node fetches for a platform: names of files below its folder `bin`. Its own list, so that it stays true. */
function filesOf(folder, platform) {
  const metadata = createRequire(import.meta.url)(join(folder, 'script/install-metadata.js'));
  const names = metadata.requirements[platform] ?? [];
  return names.flatMap((name) =>
    Object.keys(metadata.manifests[`${platform}:${name}`] ?? {}).map((file) =>
      join(folder, 'bin/napi-v6', platform, file),
    ),
  );
}

function missing(files) {
  return files.filter((file) => !existsSync(file) || statSync(file).size === 0);
}

function checkMachine(platform, files, { driver, withoutDriver }) {
  if (files.length === 0) {
    throw new SetupError(
      `onnxruntime-node has no CUDA provider for ${platform}`,
      'CUDA needs Linux x64. Elsewhere an adapter is used through WebGPU, without this option.',
    );
  }
  if (existsSync(driver) || withoutDriver) return;
  throw new SetupError(
    `no driver of NVIDIA is loaded (${driver})`,
    'Install the driver, or add --without-driver where the programs run on another machine (an image of a container).',
  );
}

function fetchFiles(folder) {
  const remedy =
    'The CUDA provider comes from the NuGet feed (https://api.nuget.org); a proxy is named by HTTPS_PROXY.';
  // "true" is its way to fetch in any case: without it the script does nothing below `npm run`.
  const env = { ONNXRUNTIME_NODE_INSTALL: 'true', NODE_USE_ENV_PROXY: '1' };
  run(NODE, ['script/install.js'], { cwd: folder, env, remedy });
}

/**
 * Fetches the CUDA provider of onnxruntime-node by the package's own script, which no ordinary installation runs (.npmrc).
 * @param {string} kind only "cuda"
 * @param {{ withoutDriver?: boolean, folder?: string, platform?: string, driver?: string }} options the last three for tests
 * @throws SetupError on another platform, without a driver, and when nothing comes.
 */
export function installGpu(
  kind,
  {
    withoutDriver = false,
    folder = PACKAGE,
    platform = `${process.platform}/${process.arch}`,
    driver = DRIVER,
  } = {},
) {
  if (kind !== 'cuda') {
    throw new SetupError(
      `--gpu ${kind} is unknown`,
      'Known is --gpu cuda. WebGPU is always there: see embedding.providers.',
    );
  }
  const files = filesOf(folder, platform);
  checkMachine(platform, files, { driver, withoutDriver });
  if (missing(files).length === 0) {
    say('the CUDA provider is there');
    return;
  }
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  say(`fetching the CUDA provider of onnxruntime ${version} (about 300 MB) ...`);
  try {
    fetchFiles(folder);
  } catch (error) {
    // Half of them would pass for the whole.
    for (const file of files) rmSync(file, { force: true });
    throw error;
  }
  const absent = missing(files);
  if (absent.length > 0) {
    throw new SetupError(
      `onnxruntime-node did not fetch ${absent.join(', ')}`,
      'Its script ended without an error. See its output by running it: node script/install.js',
    );
  }
  say('the CUDA provider is installed; "samepoint doctor" says whether it runs');
}
