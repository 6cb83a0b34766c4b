/**
 * Makes a fresh clone ready: dependencies (Node 24 among them), the stock OHIF viewer, the build; with --test also what the tests
 * need from Debian. Every step is skipped when it is done already. Runs on Node 20 without any package.
 *
 *   node config/setup/setup.mjs [--test] [--viewers] [--pydicom] [--pytorch] [--gpu cuda [--without-driver]]
 *
 *   --test     also Chromium, Orthanc, dcmtk, dicom3tools, nginx, Redis, highdicom, SimpleITK and the linter of Python
 *   --viewers  all four OHIF versions instead of the default one
 *   --pydicom  also pydicom, which is there with --test
 *   --pytorch  with --test: also the current PyTorch, which is always there in CI
 *   --gpu cuda        also the CUDA provider of onnxruntime, from the NuGet feed
 *   --without-driver  with --gpu: also where no driver of NVIDIA is loaded, as for an image of a container
 * @module
 */
import { parseArgs } from 'node:util';
import { buildPackages } from './build.mjs';
import { checkDebianPackages } from './debian.mjs';
import { installDependencies } from './dependencies.mjs';
import { installGpu } from './gpu.mjs';
import { makePydicomEnvironment, makePythonEnvironments } from './python.mjs';
import { SetupError } from './run.mjs';
import { fetchViewers } from './viewers.mjs';

/** The version that "engines" in package.json requires: the first with parseArgs, import.meta.dirname and a stable fetch. */
const OLDEST_NODE = [20, 11];

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1])) return;
  throw new SetupError(
    `Node ${process.versions.node} is too old`,
    `Install Node ${OLDEST_NODE.join('.')} or later (nodejs.org); Node 24, which Samepoint runs on, then comes by itself.`,
  );
}

function options() {
  try {
    const flag = { type: 'boolean' };
    const gpu = { gpu: { type: 'string' }, 'without-driver': flag };
    return parseArgs({ options: { test: flag, viewers: flag, pydicom: flag, pytorch: flag, ...gpu } }).values;
  } catch (error) {
    const known = '--test, --viewers, --pydicom, --pytorch, --gpu cuda, --without-driver';
    throw new SetupError(error.message, `Known options: ${known}.`);
  }
}

try {
  checkNode();
  const chosen = options();
  const { test = false, viewers = false, pydicom = false, pytorch = false, gpu } = chosen;
  installDependencies();
  if (gpu !== undefined) installGpu(gpu, { withoutDriver: chosen['without-driver'] });
  fetchViewers(viewers);
  buildPackages();
  if (pydicom) makePydicomEnvironment();
  if (test) {
    checkDebianPackages();
    makePythonEnvironments({ current: pytorch || process.env.CI === 'true' });
  }
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  console.error(`\nsetup failed: ${error.message}\n${error.remedy}`);
  process.exitCode = 1;
}
