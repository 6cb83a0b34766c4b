/**
 * One server per cache folder. A second one would count and evict the same files without knowing of the first.
 *
 * The lock is a file that says who holds it; its modification time is renewed as long as the holder lives. A holder on this
 * machine is looked up by its process id; one in another container or on another machine counts as alive until its file has
 * not been renewed for a while. On a network file system that relies on clocks that agree to some seconds.
 * @module
 */
import { randomUUID } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { problemOf } from '../errors/index.ts';

/** Name of the lock in the folder. */
export const LOCK_NAME = 'server.lock';
/** How often a holder renews its file, ms. */
const RENEW_MS = 10_000;
/** A holder elsewhere that has not renewed its file for this long has ended, ms: two renewals may come late. */
const ENDED_MS = 35_000;

const holderSchema = z.object({
  token: z.string(),
  pid: z.int(),
  host: z.string(),
  /** Where process ids mean the same: this start of the machine and this PID namespace; empty where the system has none. */
  processes: z.string(),
  /** When the process began, in the system's own count: a process id is given again. */
  began: z.string(),
});
type Holder = z.infer<typeof holderSchema>;

/** What became of an attempt to lock. */
export type Locking =
  | { readonly state: 'held'; release(): Promise<void> }
  | { readonly state: 'in-use'; readonly pid: number; readonly host: string }
  /** The folder cannot be locked (read-only, full). */
  | { readonly state: 'impossible'; readonly problem: string };

function tryRead(read: () => string): string {
  try {
    return read().trim();
  } catch {
    return '';
  }
}

/** Linux only; elsewhere empty. */
function processesHere(): string {
  const boot = tryRead(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8'));
  const namespace = tryRead(() => readlinkSync('/proc/self/ns/pid'));
  return boot === '' || namespace === '' ? '' : `${boot} ${namespace}`;
}

/** Field 22 of /proc/<pid>/stat (proc(5)); the second field may hold spaces, and ends with the last bracket. */
function beganOf(pid: number): string {
  const text = tryRead(() => readFileSync(`/proc/${pid}/stat`, 'utf8'));
  return text.slice(text.lastIndexOf(')') + 2).split(' ')[19] ?? '';
}

function self(): Holder {
  const { pid } = process;
  return { token: randomUUID(), pid, host: hostname(), processes: processesHere(), began: beganOf(pid) };
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // It runs, but is another user's.
    return problemOf(error) === 'EPERM';
  }
}

/** The holder of a lock, if it lives; undefined where there is no lock, or where its holder has ended. */
async function livingHolder(path: string, me: Holder): Promise<Holder | undefined> {
  let holder: Holder | undefined;
  let renewedMs: number;
  try {
    renewedMs = (await stat(path)).mtimeMs;
    holder = holderSchema.safeParse(tryParse(await readFile(path, 'utf8'))).data;
  } catch (error) {
    if (problemOf(error) === 'ENOENT') return undefined;
    throw error;
  }
  const isRenewed = Math.abs(Date.now() - renewedMs) < ENDED_MS;
  // Just made and not yet written, or not ours.
  if (holder === undefined) return isRenewed ? { ...me, pid: 0, host: 'unknown' } : undefined;
  const isHere = me.processes === '' ? holder.host === me.host : holder.processes === me.processes;
  const lives = isHere ? isRunning(holder.pid) && beganOf(holder.pid) === holder.began : isRenewed;
  return lives ? holder : undefined;
}

function tryParse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Whether a living server holds the folder; for those who only want to know. */
export async function isLocked(directory: string): Promise<boolean> {
  const holder = await livingHolder(join(directory, LOCK_NAME), self()).catch(() => undefined);
  return holder !== undefined;
}

/**
 * Acquires the lock of a folder, also one whose holder has ended.
 * @param onLost called when another server has locked the folder although this one lives.
 */
export async function lockDirectory(directory: string, onLost: () => void): Promise<Locking> {
  const path = join(directory, LOCK_NAME);
  const me = self();
  try {
    const other = await livingHolder(path, me);
    if (other !== undefined) return { state: 'in-use', pid: other.pid, host: other.host };
    await rm(path, { force: true });
    await writeFile(path, JSON.stringify(me), { flag: 'wx', mode: 0o600 });
  } catch (error) {
    // Somebody was faster.
    if (problemOf(error) === 'EEXIST') return { state: 'in-use', pid: 0, host: 'unknown' };
    return { state: 'impossible', problem: problemOf(error) };
  }
  const isMine = async (): Promise<boolean> => (await readFile(path, 'utf8')).includes(me.token);
  const renew = async (): Promise<void> => {
    if (!(await isMine())) {
      clearInterval(timer);
      onLost();
      return;
    }
    const now = new Date();
    await utimes(path, now, now);
  };
  // A file system that refuses for a moment costs one renewal.
  const timer = setInterval(() => void renew().catch(() => undefined), RENEW_MS);
  timer.unref();
  return {
    state: 'held',
    async release() {
      clearInterval(timer);
      if (await isMine().catch(() => false)) await rm(path, { force: true }).catch(() => undefined);
    },
  };
}
