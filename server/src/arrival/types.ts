import type { Logger } from '../access/index.ts';
import type { Samepoint } from '../application/index.ts';
import type { DicomwebSource } from '../dicomweb/index.ts';
import type { Duty } from './duty.ts';
import type { OrthancSettings } from './orthanc.ts';
import type { ArrivalRule } from './rules.ts';
import type { StateFile } from './state.ts';

/** A PACS whose new studies are noticed. */
export interface WatchedSource {
  /** As the configuration names it. */
  readonly name: string;
  readonly client: Pick<DicomwebSource, 'searchStudies' | 'searchSeries'>;
  /** `report`: the PACS says so itself. */
  readonly by: 'poll' | 'orthanc' | 'report';
  /** With `orthanc`. */
  readonly orthanc?: OrthancSettings | undefined;
  readonly state: StateFile;
  /** Where several servers could watch it. */
  readonly duty?: Duty | undefined;
}

/** What became of studies: noticed as new, chosen by a rule, precomputed, given up, or deleted in the PACS. */
export type ArrivalOutcome = 'seen' | 'chosen' | 'ready' | 'failed' | 'gone';

/** How long things last. */
interface ArrivalTimes {
  readonly pollMs: number;
  readonly settleMs: number;
  readonly lookbackDays: number;
}

/** What the watch of one PACS needs of the server. */
export interface WatchParts {
  readonly samepoint: Pick<Samepoint, 'listPriors' | 'planEmbedding' | 'listFindings' | 'planMatch'>;
  readonly rules: readonly ArrivalRule[];
  readonly times: ArrivalTimes;
  readonly studiesAtOnce: number;
  readonly maxPending: number;
  /** The Authorization header of this server itself; undefined where the PACS needs none of it. @throws SamepointError `auth/own-login-failed` */
  readonly authorization: () => Promise<string | undefined>;
  /** Removes what was made of a study, or of a series, that the PACS holds no more. */
  readonly drop: (gone: {
    readonly studyInstanceUid: string;
    readonly seriesInstanceUid?: string | undefined;
  }) => Promise<number>;
  readonly logger: Logger;
  /** Milliseconds since the epoch: of the calendar, and of what outlives a restart. */
  readonly clock: () => number;
  readonly onOutcome?: (source: string, outcome: ArrivalOutcome, count: number) => void;
}

/** How the watch of one PACS is. */
export interface WatchStatus {
  readonly name: string;
  /** Studies that wait to be precomputed. */
  readonly pending: number;
  /** Why new studies are not noticed now; undefined where they are. */
  readonly problem: { readonly code: string; readonly message: string } | undefined;
}
