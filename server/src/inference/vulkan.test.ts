import { webgpuLacks } from './vulkan.ts';
import type { GraphicsMachine } from './vulkan.ts';

const DRIVERS = '/usr/share/vulkan/icd.d';
const LOADER = { '/usr/lib/x86_64-linux-gnu': ['libvulkan.so.1'] };
const WITH_CARD = {
  ...LOADER,
  [DRIVERS]: ['intel_icd.x86_64.json', 'lvp_icd.x86_64.json'],
  '/dev/dri': ['card0', 'renderD128'],
};

function machine(
  files: Readonly<Record<string, readonly string[]>>,
  environment: GraphicsMachine['environment'] = {},
  platform: NodeJS.Platform = 'linux',
): GraphicsMachine {
  return { platform, environment, list: (folder) => files[folder] ?? [] };
}

describe('what WebGPU lacks', () => {
  it.each<[string, GraphicsMachine, readonly RegExp[]]>([
    ['a bare machine', machine({}), [/libvulkan/, /no driver/, /no graphics device/]],
    ['a card with a driver', machine(WITH_CARD), []],
    [
      'only software, beside a device of a virtual machine',
      machine({ ...WITH_CARD, [DRIVERS]: ['lvp_icd.x86_64.json'] }),
      [/only driver of Vulkan is software/],
    ],
    ['a device that shows pictures only', machine({ ...WITH_CARD, '/dev/dri': ['card0'] }), [/no graphics/]],
    [
      'a card of NVIDIA in a container, which has no /dev/dri',
      machine({ ...LOADER, [DRIVERS]: ['nvidia_icd.json'], '/dev': ['nvidia0', 'nvidiactl'] }),
      [],
    ],
    ['software that the environment names', machine(LOADER, { VK_DRIVER_FILES: '/x/lvp.json' }), []],
    ['a named driver without the loader', machine({}, { VK_ICD_FILENAMES: '/x/lvp.json' }), [/libvulkan/]],
    [
      'a loader in LD_LIBRARY_PATH',
      machine({ '/x': ['libvulkan.so.1'] }, { VK_DRIVER_FILES: '/x/a.json', LD_LIBRARY_PATH: ':/x' }),
      [],
    ],
    ['an empty variable', machine(LOADER, { VK_DRIVER_FILES: '' }), [/no driver/, /no graphics device/]],
    ['macOS', machine({}, {}, 'darwin'), []],
  ])('%s', (_what, on, expected) => {
    const found = webgpuLacks(on);
    expect(found).toHaveLength(expected.length);
    for (const [index, pattern] of expected.entries()) expect(found[index]).toMatch(pattern);
  });
});
