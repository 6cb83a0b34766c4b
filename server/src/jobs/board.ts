import type { JobRecord } from './jobs.ts';

/** How a job is ended from another server: `drop` forgets it, too. */
export type Ending = 'cancel' | 'drop';

/** The jobs of one server. */
export interface LocalJobs {
  records(): readonly JobRecord[];
  end(id: string, how: Ending): void;
}

/** Where each server shows its jobs to the others. The server that does the work holds the truth; what lies here is a copy. */
export interface JobBoard {
  /** The jobs of this server: shown again where the board has lost them, and ended where another server wants that. */
  serve(jobs: LocalJobs): void;
  /** Shows a job. @throws SamepointError of `queue/` where the others cannot see it */
  show(record: JobRecord): Promise<void>;
  /** Shows a change of a job, as soon as the board can be reached. */
  update(record: JobRecord): void;
  forget(id: string): void;
  /**
   * The present state of a job of another server: failed with `queue/server-lost` where its server has ended.
   * @throws SamepointError of `queue/`
   */
  find(id: string, signal?: AbortSignal): Promise<JobRecord | undefined>;
  /** Ends a job of another server; from now on all see it ended. @throws SamepointError of `queue/` */
  end(id: string, how: Ending): Promise<void>;
  close(): Promise<void>;
}

/** The board of the only server. */
export function createOwnBoard(): JobBoard {
  return {
    serve: () => undefined,
    show: () => Promise.resolve(),
    update: () => undefined,
    forget: () => undefined,
    find: () => Promise.resolve(undefined),
    end: () => Promise.resolve(),
    close: () => Promise.resolve(),
  };
}
