import type { ExecutionProvider } from '../model/index.ts';
import { lacksOf, providerChecks } from './providers.ts';
import type { Machine } from './providers.ts';

const FOLDER = '/ort';
const CUDA_FILES = [
  'libcudart.so.12',
  'libcublas.so.12',
  'libcublasLt.so.12',
  'libcudnn.so.9',
  'libcufft.so.11',
];

function machine(
  files: Readonly<Record<string, readonly string[]>> = {},
  platform: NodeJS.Platform = 'linux',
): Machine {
  const paths = new Set(
    Object.entries(files).flatMap(([folder, names]) => names.map((one) => `${folder}/${one}`)),
  );
  return {
    platform,
    environment: {},
    arch: 'x64',
    exists: (path) => paths.has(path),
    list: (folder) => files[folder] ?? [],
    runtimeFolder: FOLDER,
  };
}

const WITH_CUDA = {
  [FOLDER]: ['libonnxruntime_providers_cuda.so'],
  '/proc/driver/nvidia': ['version'],
  '/usr/local/cuda/lib64': CUDA_FILES,
};

describe('what a provider lacks', () => {
  it.each<[string, ExecutionProvider, Machine, readonly RegExp[]]>([
    [
      'CUDA on a bare machine',
      'cuda',
      machine(),
      [/is not installed/, /no driver of NVIDIA/, /libcudart\.so, .*libcudnn/],
    ],
    ['CUDA that is complete', 'cuda', machine(WITH_CUDA), []],
    [
      'CUDA without cuDNN',
      'cuda',
      machine({ ...WITH_CUDA, '/usr/local/cuda/lib64': CUDA_FILES.filter((one) => !one.includes('cudnn')) }),
      [/^libraries of CUDA are missing: libcudnn\.so$/],
    ],
    ['CUDA on macOS', 'cuda', machine({}, 'darwin'), [/Linux x64 only/]],
    ['Vulkan on a bare machine', 'webgpu', machine(), [/libvulkan/, /icd\.d/, /\/dev\/dri/]],
    [
      'Vulkan with a driver',
      'webgpu',
      machine({
        '/usr/lib/x86_64-linux-gnu': ['libvulkan.so.1'],
        '/usr/share/vulkan/icd.d': ['intel_icd.x86_64.json'],
        '/dev/dri': ['renderD128'],
      }),
      [],
    ],
    ['Core ML on Linux', 'coreml', machine(), [/macOS only/]],
    ['Core ML on macOS', 'coreml', machine({}, 'darwin'), []],
    ['DirectML on Linux', 'dml', machine(), [/Windows only/]],
    ['the CPU', 'cpu', machine(), []],
  ])('%s', (_what, provider, on, expected) => {
    const found = lacksOf(provider, on);
    expect(found).toHaveLength(expected.length);
    for (const [index, pattern] of expected.entries()) expect(found[index]).toMatch(pattern);
  });
});

describe('providerChecks', () => {
  const refused = [
    { provider: 'cuda', reason: 'place.cc:136 Load() adapter was false. Failed to load shared library' },
    { provider: 'coreml', reason: 'not in this build' },
  ] as const;

  it('say which one runs, and why those before it do not', () => {
    const checks = providerChecks({ running: 'cpu', refused }, ['cuda', 'coreml', 'cpu'], machine());
    const byName = Object.fromEntries(checks.map((check) => [check.name, check]));
    expect(byName['execution provider']).toMatchObject({ status: 'ok', message: 'cpu runs the models' });
    expect(byName['provider cpu']).toMatchObject({ status: 'ok', message: 'runs the models' });
    expect(byName['provider cuda']?.status).toBe('warning');
    expect(byName['provider cuda']?.message).toMatch(/onnxruntime: Failed to load shared library$/);
    expect(byName['provider cuda']?.message).not.toContain('place.cc');
    expect(byName['provider coreml']).toMatchObject({
      status: 'ok',
      message: 'Core ML is there on macOS only',
    });
    expect(byName['provider webgpu']?.message).toMatch(/^not in embedding\.providers; /);
  });

  it('fail where none runs', () => {
    const [first] = providerChecks({ running: undefined, refused }, ['cuda'], machine());
    expect(first).toMatchObject({ name: 'execution provider', status: 'failed' });
  });

  it('do not blame one that was not tried', () => {
    const checks = providerChecks({ running: 'cuda', refused: [] }, ['cuda', 'webgpu'], machine(WITH_CUDA));
    expect(checks.find(({ name }) => name === 'provider webgpu')).toMatchObject({
      status: 'ok',
      message: 'not tried: one before it runs',
    });
  });
});
