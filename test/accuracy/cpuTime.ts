import { readdirSync, readFileSync } from 'node:fs';

/** Unit of the times in /proc/PID/stat: USER_HZ is 100 on every Linux of ours. */
const TICKS_PER_S = 100;
const US_PER_S = 1e6;

/** Parent and processor time of a process: fields 4, 14 and 15 of proc(5) stat, counted after the name in parentheses. */
function statOf(pid: number): { readonly parent: number; readonly seconds: number } | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = text
      .slice(text.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number);
    return { parent: fields[1] ?? NaN, seconds: ((fields[11] ?? NaN) + (fields[12] ?? NaN)) / TICKS_PER_S };
  } catch {
    // It has ended meanwhile, or this is not Linux.
    return undefined;
  }
}

/**
 * Processor time of this process, all threads, and of its living children, s. Unlike wall time it says what work costs
 * also on a machine that is busy with other things.
 */
export function familyCpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  let seconds = (user + system) / US_PER_S;
  let pids: number[] = [];
  try {
    pids = readdirSync('/proc').map(Number).filter(Number.isInteger);
  } catch {
    // Not Linux: children are omitted.
  }
  for (const pid of pids) {
    const stat = statOf(pid);
    if (stat?.parent === process.pid) seconds += stat.seconds;
  }
  return seconds;
}

/** Time that work needed. */
export interface Cost {
  /** Wall time, s. */
  readonly seconds: number;
  /** Processor time of this process and its children, s. */
  readonly cpuSeconds: number;
}

const MS_PER_S = 1000;

/** Runs `work` under both clocks. */
export async function timed<T>(work: () => Promise<T>): Promise<{ readonly result: T; readonly cost: Cost }> {
  const [since, cpuSince] = [performance.now(), familyCpuSeconds()];
  const result = await work();
  const seconds = (performance.now() - since) / MS_PER_S;
  return { result, cost: { seconds, cpuSeconds: familyCpuSeconds() - cpuSince } };
}
