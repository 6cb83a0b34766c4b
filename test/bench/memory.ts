import { readdirSync, readFileSync, writeFileSync } from 'node:fs';

const KIB_PER_MB = 1024;

/** Resets the peak that the input of a stage caused, after a garbage collection (`node --expose-gc`). */
export function resetPeak(): void {
  globalThis.gc?.();
  // proc(5): 5 sets VmHWM of the process to what is resident now.
  writeFileSync('/proc/self/clear_refs', '5');
}

function field(pid: number, name: string): number {
  const found = new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  if (found === null) throw new Error(`process ${pid} has no ${name}: it has ended, or this is not Linux`);
  return Number(found[1]);
}

function isChildOfOurs(pid: number): boolean {
  try {
    return field(pid, 'PPid') === process.pid;
  } catch {
    return false;
  }
}

/**
 * Peak resident memory since {@link resetPeak}, MiB: of this process plus, where there is one, of its inference process
 * (which must still live). The two peaks need not coincide, so that the sum is an upper bound.
 */
export function peakRssMb(): number {
  const pids = readdirSync('/proc').map(Number).filter(Number.isInteger);
  const family = [process.pid, ...pids.filter(isChildOfOurs)];
  return family.reduce((sum, pid) => sum + field(pid, 'VmHWM'), 0) / KIB_PER_MB;
}
