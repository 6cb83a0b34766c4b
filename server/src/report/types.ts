import type { MatchVerdict, SeriesPoint } from '../matching/index.ts';
import type { InstanceAttributes, ReportUids } from '../documents/index.ts';

export type { SeriesPoint };

/** What the reader decided about a pair. Rejected pairs are never stored. */
export type PairState = 'accepted' | 'moved';

/**
 * What proposed a pair: the answer of the matching as the reader saw it. Names are texts: a report outlives the methods and models
 * that it was made with.
 */
export interface MatchProvenance {
  /** Id and version of its manifest. */
  readonly model: { readonly id: string; readonly version: string };
  readonly method: string;
  /** The step of the method that gave the answer. */
  readonly step: string;
  readonly verdict: MatchVerdict;
  /** Radius around the proposed point that holds the true one with 90 % probability, mm. */
  readonly errorRadiusMm: number;
}

/** One lesion at two time points, as the reader confirmed it. */
export interface ConfirmedPair {
  /** The reader's label, shown by viewers. */
  readonly label: string;
  /** Identifies the lesion across studies: UID 2.25.x, the same in every report about it. */
  readonly lesionUid: string;
  readonly state: PairState;
  readonly current: SeriesPoint;
  readonly prior: SeriesPoint;
  /** Of the automatic match, before the reader moved it. */
  readonly similarity: number;
  readonly cycleErrorMm: number;
  /** Absent in reports that were written without it, and where no match proposed the pair. */
  readonly provenance?: MatchProvenance;
}

/** The algorithm that proposed the pairs (TID 4019). */
export interface AlgorithmIdentification {
  readonly name: string;
  readonly version: string;
  readonly parameters: readonly string[];
}

/** What a report is made from. */
export interface ReportRequest {
  readonly pairs: readonly ConfirmedPair[];
  /** Any instance of a current series: patient and study of the report come from it, Rows and Columns bound its pixels. */
  readonly current: InstanceAttributes;
  /** Instances of the prior series: when given, their patient must be the same and their pixels are bounded too. */
  readonly priors?: readonly InstanceAttributes[];
  readonly algorithm: AlgorithmIdentification;
  /** Time of the report. */
  readonly now: Date;
  /** Name of the reader in DICOM form (Family^Given), where it is known. */
  readonly observerName?: string;
  /** UIDs of the report and of what is in it; random ones when omitted. */
  readonly uids?: ReportUids;
}

/** What an SR says, or why it is none of ours. */
export type ReadReport =
  | {
      readonly ok: true;
      /** ISO 8601, UTC. */
      readonly createdAt: string;
      readonly pairs: readonly ConfirmedPair[];
      /** Pairs that could not be read, and why; empty for a report that Samepoint wrote. */
      readonly problems: readonly string[];
    }
  | {
      readonly ok: false;
      /** True where the file is damaged, or a report of Samepoint of which no pair can be read. */
      readonly isDamaged: boolean;
      readonly reason: string;
    };
