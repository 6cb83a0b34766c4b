/**
 * glibc keeps what was freed in arenas, one or more for each thread, and raises the size from which it maps memory for itself with
 * each large block that is freed. A server with a dozen threads keeps 300 MiB that way after a few minutes, and more each hour. These
 * variables end that; glibc reads them when a process starts (mallopt(3)).
 * @module
 */

/** Two arenas; blocks of 1 MiB and more are mapped, and go back to the system when they are freed. */
export const MALLOC_SETTINGS = {
  MALLOC_ARENA_MAX: '2',
  MALLOC_MMAP_THRESHOLD_: String(2 ** 20),
  MALLOC_TRIM_THRESHOLD_: String(2 ** 20),
} as const;

/**
 * V8 learns of the memory behind arrays of bytes late: what undici reads from the PACS is garbage at once, but counts until a collection.
 * With its usual young generation V8 marks the whole heap for every 50 MB that come, which costs as much as all other work of reading
 * uncompressed images. Semi-spaces of 2 MB are full, and collected, before. Worker threads have limits of their own.
 */
export const HEAP_FLAGS = ['--max-semi-space-size=2'] as const;

/** What of a process is needed to replace it. */
type Replaceable = Pick<
  NodeJS.Process,
  'platform' | 'env' | 'execPath' | 'execArgv' | 'argv' | 'execve' | 'removeAllListeners'
>;

/**
 * Replaces this process by itself with the settings and flags, where it has none: same process id, same standard streams, same arguments. Does
 * nothing on other systems, and where an administrator has set one of the variables. Call it before anything is started.
 */
export function applyMallocSettings(process: Replaceable): void {
  const { platform, env, execPath, execArgv, argv } = process;
  if (platform !== 'linux' || process.execve === undefined) return;
  if (Object.keys(MALLOC_SETTINGS).some((name) => env[name] !== undefined)) return;
  // Node would announce that execve is experimental.
  process.removeAllListeners('warning');
  process.execve(execPath, [execPath, ...HEAP_FLAGS, ...execArgv, ...argv.slice(1)], {
    ...env,
    ...MALLOC_SETTINGS,
  });
}
