/** `npm run setup -- --gpu cuda` with the script of onnxruntime-node itself, against a stand-in for its feed. */
import { jest } from '@jest/globals';
import { execFile } from 'node:child_process';
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startNugetFeed, nugetPackage } from './support/nugetFeed.ts';
import type { NugetFeed } from './support/nugetFeed.ts';
import { NODE, ROOT, temporaryFolder } from './support/paths.ts';

const run = promisify(execFile);
const LIBRARIES = ['cuda', 'shared', 'tensorrt'].map((name) => `libonnxruntime_providers_${name}.so`);
const INSTALLED = join(ROOT, 'node_modules/onnxruntime-node');
/** Below the repository, so that the script finds the packages that it needs. */
const WORK = join(ROOT, '.cache', `gpu-setup-${process.pid}`);
const COPY = join(WORK, 'onnxruntime-node');
const BIN = join(COPY, 'bin/napi-v6/linux/x64');

// Each set-up starts two programs.
jest.setTimeout(60_000);

let folder: string;
let version: string;
let driver: string;
let feed: NugetFeed | undefined;

beforeEach(async () => {
  folder = temporaryFolder('feed');
  driver = join(folder, 'driver');
  await writeFile(driver, 'NVRM version');
  await mkdir(BIN, { recursive: true });
  for (const part of ['script', 'package.json', 'node_modules'])
    await cp(join(INSTALLED, part), join(COPY, part), { recursive: true });
  ({ version } = JSON.parse(await readFile(join(COPY, 'package.json'), 'utf8')) as { version: string });
});
afterEach(async () => {
  await feed?.stop();
  feed = undefined;
  await rm(WORK, { recursive: true, force: true });
  await rm(folder, { recursive: true, force: true });
});

const PROGRAM = `
import { installGpu } from '${join(ROOT, 'config/setup/gpu.mjs')}';
const [kind, options] = JSON.parse(process.argv[1]);
try { installGpu(kind, options); } catch (error) { console.log('failed: ' + error.message + ' | ' + error.remedy); }
`;

/** What the set-up says. */
async function setUp(kind: string, options: object = {}): Promise<string> {
  const all = { folder: COPY, platform: 'linux/x64', driver, ...options };
  const args = ['--input-type=module', '-e', PROGRAM, JSON.stringify([kind, all])];
  // Without the feed nothing answers on this port: no test reaches the network.
  const environment = feed?.environment ?? { HTTPS_PROXY: 'http://127.0.0.1:1' };
  const { stdout } = await run(NODE, args, { env: { ...process.env, ...environment } });
  return stdout;
}

function content(names: readonly string[]): Buffer {
  return nugetPackage(Object.fromEntries(names.map((name) => [`runtimes/linux-x64/native/${name}`, name])));
}

describe('setup --gpu cuda', () => {
  it('installs what the feed has for this version, once', async () => {
    feed = await startNugetFeed(folder, version, content(LIBRARIES));
    expect(await setUp('cuda')).toMatch(/fetching the CUDA provider.*\n.*is installed/);
    for (const name of LIBRARIES) expect(await readFile(join(BIN, name), 'utf8')).toBe(name);
    const requests = feed.requested.length;
    expect(feed.requested.at(-1)).toContain(`.${version}.nupkg`);
    expect(await setUp('cuda')).toBe('setup: the CUDA provider is there\n');
    expect(feed.requested).toHaveLength(requests);
  });

  it('keeps nothing of a package that lacks a file', async () => {
    feed = await startNugetFeed(folder, version, content(LIBRARIES.slice(0, 2)));
    expect(await setUp('cuda')).toMatch(/failed: .*script\/install\.js \(exit status 1\)/);
    await expect(readFile(join(BIN, LIBRARIES[0]!))).rejects.toThrow('ENOENT');
  });

  it('says that this version is not in the feed', async () => {
    feed = await startNugetFeed(folder, '0.0.1', content(LIBRARIES));
    expect(await setUp('cuda')).toMatch(/failed: .*exit status 1.*HTTPS_PROXY/);
  });

  it('says that there is no network', async () => {
    expect(await setUp('cuda')).toMatch(/failed: .*The server could not be reached/);
  });

  it.each<[string, string, object, RegExp]>([
    ['no driver', 'cuda', { driver: '/nowhere' }, /no driver of NVIDIA is loaded .*--without-driver/],
    ['the platform', 'cuda', { platform: 'darwin/arm64' }, /no CUDA provider for darwin\/arm64/],
    ['another kind', 'rocm', {}, /--gpu rocm is unknown/],
  ])('says what hinders it: %s', async (_what, kind, options, expected) => {
    expect(await setUp(kind, options)).toMatch(expected);
  });

  it('goes on without a driver where that is requested', async () => {
    feed = await startNugetFeed(folder, version, content(LIBRARIES));
    expect(await setUp('cuda', { driver: '/nowhere', withoutDriver: true })).toMatch(/is installed/);
  });
});
