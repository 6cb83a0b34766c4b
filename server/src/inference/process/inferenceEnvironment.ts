/**
 * The environment of the inference process. It runs native code on arrays that come from images and on models that come from
 * elsewhere, and needs no secret for that: credentials of the PACS (SAMEPOINT_DICOMWEB_AUTHORIZATION) and whatever else the
 * administrator's shell or container holds stay in the server.
 * @module
 */

/**
 * The variables that are passed on, each by its full name: a prefix would pass secrets on (NVIDIA_API_KEY). Nothing that
 * makes a program load code (NODE_OPTIONS, NODE_PATH, LD_PRELOAD) is among them, but the places of the GPU libraries are.
 */
export const PASSED_ON = [
  // Where onnxruntime's execution providers find the libraries of the GPU, by system.
  'PATH',
  'LD_LIBRARY_PATH',
  'DYLD_LIBRARY_PATH',
  'CUDA_HOME',
  'CUDA_PATH',
  // Which GPU, and how CUDA uses it.
  'CUDA_VISIBLE_DEVICES',
  'CUDA_DEVICE_ORDER',
  'CUDA_MODULE_LOADING',
  'CUDA_LAUNCH_BLOCKING',
  'NVIDIA_VISIBLE_DEVICES',
  'NVIDIA_DRIVER_CAPABILITIES',
  'NVIDIA_TF32_OVERRIDE',
  // Vulkan drivers, for WebGPU.
  'VK_DRIVER_FILES',
  'VK_ICD_FILENAMES',
  // Kernels that CUDA compiles are kept below the first of these that is set.
  'CUDA_CACHE_PATH',
  'CUDA_CACHE_MAXSIZE',
  'CUDA_CACHE_DISABLE',
  'HOME',
  'LOCALAPPDATA',
  'USERPROFILE',
  // Threads of native libraries and of Node's file system calls.
  'OMP_NUM_THREADS',
  'OMP_WAIT_POLICY',
  'OMP_PROC_BIND',
  'OMP_PLACES',
  'UV_THREADPOOL_SIZE',
  // Temporary files, and without SystemRoot no process starts on Windows.
  'TMPDIR',
  'TEMP',
  'TMP',
  'SystemRoot',
  // Language of the system's messages, which errors quote.
  'LANG',
  'LC_ALL',
  'TZ',
] as const;

/**
 * onnxruntime would keep an identifier of the machine and its events below HOME, for a server of Microsoft (mobile.events.data.microsoft.com).
 * A hospital's server sends nothing to others: this is off, whatever the environment of the server says.
 */
const NO_TELEMETRY = { ORT_DISABLE_TELEMETRY: '1' } as const;

/** The variables of `environment` that the inference process gets. */
export function inferenceEnvironment(
  environment: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  const passed: Record<string, string> = {};
  for (const name of PASSED_ON) {
    const value = environment[name];
    if (value !== undefined) passed[name] = value;
  }
  // glibc keeps what was freed in each of its arenas, of which every thread may have one: without a limit the process grows by 3 MiB a
  // minute of work (test/bench/soak.ts).
  return { ...NO_TELEMETRY, MALLOC_ARENA_MAX: '2', ...passed };
}
