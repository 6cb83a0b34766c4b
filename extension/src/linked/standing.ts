/**
 * Whether the map from one pane to another can be used, and if not, why.
 * @module
 */
import type { ViewerFailure } from '../client/failure.ts';
import { samePatient } from '../viewer/series.ts';
import type { SeriesRef } from '../wire.ts';
import type { FieldStore } from './fieldStore.ts';
import type { Pane } from './panes.ts';
import { IDENTITY } from './transfer.ts';
import type { Transfer } from './transfer.ts';

/** Why nothing follows. */
type OffReason = 'other-patient' | 'not-comparable' | 'no-overlap' | Exclude<Transfer['verdict'], 'usable'>;

export type Standing =
  | { readonly kind: 'linked'; readonly transfer: Transfer }
  /** The map exists and is known to be unreliable: nothing follows, the live cursor is faint. */
  | { readonly kind: 'unsure'; readonly transfer: Transfer }
  /** `fraction` 0 to 1; undefined where the server does not say. */
  | { readonly kind: 'working'; readonly fraction: number | undefined }
  | { readonly kind: 'off'; readonly reason: OffReason }
  /** The server's reason, in the words of the reader. */
  | { readonly kind: 'failed'; readonly message: string };

/** Codes of the server that are such a reason: in the words of the reader, and in the reader's language. */
const REFUSALS: Readonly<Record<string, OffReason>> = {
  'matching/mirrored-pair': 'mirrored',
  'matching/no-common-region': 'no-overlap',
  'application/different-patients': 'other-patient',
  'embedding/modality-not-supported': 'not-comparable',
};

/** What the standing of two panes depends on. */
export interface StandingContext {
  readonly fields: FieldStore;
  /** Modalities that the server's model reads; undefined before it has answered. */
  readonly readable: () => readonly string[] | undefined;
}

/** True for panes whose images lie in one coordinate system: no field is needed. */
export function isSameSpace(a: Pane, b: Pane): boolean {
  if (a.series.seriesInstanceUid === b.series.seriesInstanceUid) return true;
  return (
    a.series.studyInstanceUid === b.series.studyInstanceUid &&
    a.frameOfReferenceUid !== undefined &&
    a.frameOfReferenceUid === b.frameOfReferenceUid
  );
}

/** True for a series that the server can compare. */
export function isComparable({ readable }: StandingContext, { series }: Pane): boolean {
  return series.isVolume && (readable()?.includes(series.modality) ?? true);
}

/** Names the series of a pane on the wire. */
export function refOf({ series: { studyInstanceUid, seriesInstanceUid } }: Pane): SeriesRef {
  return { studyInstanceUid, seriesInstanceUid };
}

function standingOfTransfer(transfer: Transfer): Standing {
  if (transfer.verdict === 'unsure') return { kind: 'unsure', transfer };
  if (transfer.verdict !== 'usable') return { kind: 'off', reason: transfer.verdict };
  if (transfer.coveredShare <= 0) return { kind: 'off', reason: 'no-overlap' };
  return { kind: 'linked', transfer };
}

function standingOfFailure({ code, message }: ViewerFailure): Standing {
  const reason = REFUSALS[code];
  return reason === undefined ? { kind: 'failed', message } : { kind: 'off', reason };
}

/** Whether, and by which map, `to` shows what `from` shows. */
export function standingOf(context: StandingContext, from: Pane, to: Pane): Standing {
  if (isSameSpace(from, to)) return { kind: 'linked', transfer: IDENTITY };
  if (!samePatient(from.series, to.series)) return { kind: 'off', reason: 'other-patient' };
  if (!isComparable(context, from) || !isComparable(context, to))
    return { kind: 'off', reason: 'not-comparable' };
  const { fields } = context;
  const transfer = fields.transfer(from.series.seriesInstanceUid, to.series.seriesInstanceUid);
  if (transfer !== undefined) return standingOfTransfer(transfer);
  const state = fields.of([refOf(from), refOf(to)]);
  if (state.state === 'failed') return standingOfFailure(state.failure);
  return { kind: 'working', fraction: state.state === 'working' ? state.fraction : undefined };
}
