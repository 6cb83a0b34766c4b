/**
 * Whether there is a graphics adapter for WebGPU, which reaches it through Vulkan on Linux. onnxruntime also opens a software adapter,
 * which is many times slower than its own CPU provider: that one is used only where somebody names its driver.
 * @module
 */
import { existsSync, readdirSync } from 'node:fs';

/** What is looked at of a machine; tests give their own. */
export interface GraphicsMachine {
  readonly platform: NodeJS.Platform;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Names in a folder; none where there is no folder. */
  list(folder: string): readonly string[];
}

/** Where libraries of the system lie on Linux, CUDA's own folder included. */
const LIBRARY_FOLDERS = [
  '/usr/lib/x86_64-linux-gnu',
  '/usr/lib/aarch64-linux-gnu',
  '/usr/lib64',
  '/usr/lib',
  '/usr/local/lib',
  '/usr/local/cuda/lib64',
];
/** Drivers of Vulkan describe themselves here. */
const DRIVER_FOLDERS = ['/usr/share/vulkan/icd.d', '/etc/vulkan/icd.d'];
/** Lavapipe of Mesa, and SwiftShader. */
const SOFTWARE_DRIVER = /^(?:lvp_icd|vk_swiftshader)/u;
/** Variables of the loader of Vulkan that name drivers. */
const DRIVER_VARIABLES = ['VK_DRIVER_FILES', 'VK_ICD_FILENAMES'];

/** This machine. */
export function thisGraphicsMachine(): GraphicsMachine {
  return {
    platform: process.platform,
    environment: process.env,
    list: (folder) => (existsSync(folder) ? readdirSync(folder) : []),
  };
}

/** Whether a library lies where the system, or LD_LIBRARY_PATH, looks for it; `name` is the beginning of its file's name. */
export function hasLibrary(machine: GraphicsMachine, name: string): boolean {
  const own = machine.environment['LD_LIBRARY_PATH']?.split(':').filter((folder) => folder !== '') ?? [];
  return [...own, ...LIBRARY_FOLDERS].some((folder) =>
    machine.list(folder).some((file) => file.startsWith(name)),
  );
}

function driverLacks(machine: GraphicsMachine): readonly string[] {
  const drivers = DRIVER_FOLDERS.flatMap((folder) => machine.list(folder)).filter((file) =>
    file.endsWith('.json'),
  );
  if (drivers.length === 0) return ['no driver of Vulkan is installed (vulkan/icd.d)'];
  if (drivers.every((file) => SOFTWARE_DRIVER.test(file)))
    return ['the only driver of Vulkan is software, which is slower than the CPU provider'];
  return [];
}

function deviceLacks(machine: GraphicsMachine): readonly string[] {
  const isThere =
    machine.list('/dev/dri').some((name) => name.startsWith('renderD')) ||
    machine.list('/dev').includes('nvidiactl');
  return isThere ? [] : ['there is no graphics device (/dev/dri, /dev/nvidiactl)'];
}

/**
 * What WebGPU lacks on a machine, as far as it can be seen from outside. A driver that the environment names (VK_DRIVER_FILES) is used
 * whatever it is. Systems other than Linux have an adapter of their own.
 */
export function webgpuLacks(machine: GraphicsMachine): readonly string[] {
  if (machine.platform !== 'linux') return [];
  const loader = hasLibrary(machine, 'libvulkan.so')
    ? []
    : ['the loader of Vulkan (libvulkan) is not installed'];
  const isNamed = DRIVER_VARIABLES.some((name) => (machine.environment[name] ?? '') !== '');
  return isNamed ? loader : [...loader, ...driverLacks(machine), ...deviceLacks(machine)];
}
