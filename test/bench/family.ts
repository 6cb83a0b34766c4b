/**
 * Resident memory of a server seen from outside: its own process and the children that it starts (the inference process).
 * @module
 */
import { readdirSync, readFileSync } from 'node:fs';

const KIB_PER_MIB = 1024;
/** Pause between two looks, ms: a copy of 100 MiB lasts longer. */
const SAMPLE_MS = 20;

/** Resident memory of a family of processes, MiB. */
export interface FamilyRss {
  readonly server: number;
  /** Of all children together; 0 where there is none. */
  readonly inference: number;
}

/** What was seen between the start and the end of a watch. */
export interface FamilyPeak {
  /** Largest resident memory of each process, MiB; they need not have had it at the same time. */
  readonly server: number;
  readonly inference: number;
  /** Largest sum, MiB. */
  readonly together: number;
}

function field(pid: number, name: string): number | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const found = new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1];
    return found === undefined ? undefined : Number(found);
  } catch {
    // It has ended.
    return undefined;
  }
}

function childrenOf(pid: number): readonly number[] {
  const pids = readdirSync('/proc').map(Number).filter(Number.isInteger);
  return pids.filter((other) => field(other, 'PPid') === pid);
}

function rssMib(pid: number): number {
  return (field(pid, 'VmRSS') ?? 0) / KIB_PER_MIB;
}

/** Resident memory of a server and its children now. */
export function familyRss(pid: number): FamilyRss {
  const inference = childrenOf(pid).reduce((sum, child) => sum + rssMib(child), 0);
  return { server: rssMib(pid), inference };
}

/** Ticks of the kernel's clock per second (USER_HZ of Linux). */
const TICKS_PER_S = 100;

function cpuSeconds(pid: number): number {
  try {
    // Behind the name, which may hold anything: state is the third field, user and system time are the 14th and 15th.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
    return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_S;
  } catch {
    // It has ended.
    return 0;
  }
}

/** Processor time that a server and its children have used, s. */
export function familyCpuSeconds(pid: number): number {
  return childrenOf(pid).reduce((sum, child) => sum + cpuSeconds(child), cpuSeconds(pid));
}

/** Looks at a family again and again until it is stopped. */
export class FamilyWatch {
  readonly #pid: number;
  readonly #timer: NodeJS.Timeout;
  #peak: FamilyPeak = { server: 0, inference: 0, together: 0 };

  /** @param pid of the server */
  constructor(pid: number) {
    this.#pid = pid;
    this.#timer = setInterval(() => {
      this.#look();
    }, SAMPLE_MS);
    this.#look();
  }

  /** Ends the watch and says what was seen, whole MiB. */
  stop(): FamilyPeak {
    clearInterval(this.#timer);
    this.#look();
    const { server, inference, together } = this.#peak;
    return {
      server: Math.round(server),
      inference: Math.round(inference),
      together: Math.round(together),
    };
  }

  #look(): void {
    const { server, inference } = familyRss(this.#pid);
    const before = this.#peak;
    this.#peak = {
      server: Math.max(before.server, server),
      inference: Math.max(before.inference, inference),
      together: Math.max(before.together, server + inference),
    };
  }
}
