/**
 * Which of several servers watches a PACS, and what the others report to it. One watches at a time, so that a study is precomputed once and
 * what is known of the arrivals is one state.
 * @module
 */
import type { Suspect } from './gone.ts';
import type { StateFile } from './state.ts';

/** What any server may learn, and the one that watches has to know. */
export type Report =
  | { readonly kind: 'changed'; readonly study: string }
  | { readonly kind: 'opened'; readonly study: string }
  | ({ readonly kind: 'suspect' } & Suspect);

/** The watch of one PACS, which one of several servers has. */
export interface Duty {
  /** True while this server is the one that watches. */
  readonly isMine: boolean;
  /** The state that goes from one server to the next. */
  readonly state: StateFile;
  /** Why it is not known who watches; undefined where it is. */
  readonly problem: { readonly code: string; readonly message: string } | undefined;
  /** Called whenever this server begins to watch: another one may have watched meanwhile. */
  begin(onGained: () => void): void;
  /** Reports to the server that watches. Resolves when that will know it. @throws SamepointError of `queue/` */
  send(report: Report): Promise<void>;
  /** Gives the reports in their order; those that the handler rejects are given again the next time. @throws SamepointError of `queue/` */
  receive(handle: (report: Report) => Promise<void>): Promise<void>;
  /** Hands the watch over. */
  close(): Promise<void>;
}

/** What is watched, and where its state lies on this machine, too. */
export interface DutyOf {
  /** As the configuration names the PACS. */
  readonly source: string;
  readonly file: StateFile;
}

/** Shares the watch of a PACS with other servers. */
export type OpenDuty = (of: DutyOf) => Duty;
