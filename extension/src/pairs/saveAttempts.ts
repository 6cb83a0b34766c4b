import type { ConfirmedPair } from '../wire.ts';
import { provenanceOf } from './certainty.ts';
import type { Pair } from './types.ts';
import { newUuid } from './uuid.ts';

/** A report to be stored: its content, and the key by which a repeated request is the same report. */
export interface SaveAttempt {
  readonly key: string;
  readonly pairIds: readonly string[];
  readonly pairs: readonly ConfirmedPair[];
}

function toConfirmed({
  label,
  lesionUid,
  state,
  current,
  prior,
  similarity,
  cycleErrorMm,
  certainty,
}: Pair): ConfirmedPair {
  const kept = state === 'moved' ? 'moved' : 'accepted';
  const provenance = certainty && provenanceOf(certainty);
  return {
    label,
    lesionUid,
    state: kept,
    current,
    prior,
    similarity,
    cycleErrorMm,
    ...(provenance === undefined ? {} : { provenance }),
  };
}

/** Pairs by current study: a report belongs to one study. */
function byCurrentStudy(pairs: readonly Pair[]): readonly (readonly Pair[])[] {
  const groups = new Map<string, Pair[]>();
  for (const pair of pairs) {
    const study = pair.current.studyInstanceUid;
    groups.set(study, [...(groups.get(study) ?? []), pair]);
  }
  return [...groups.values()];
}

function isAsSent(pair: Pair | undefined, sent: ConfirmedPair | undefined): boolean {
  return pair !== undefined && JSON.stringify(toConfirmed(pair)) === JSON.stringify(sent);
}

/**
 * The reports that were sent and not answered well. The PACS may hold them: the answer may have been lost. Each is sent again as it
 * was, with its key, so that the PACS holds it once; what the reader has changed or added since is another report.
 */
export class SaveAttempts {
  readonly #open = new Set<SaveAttempt>();

  /** The reports to send so that all these pairs are saved. */
  plan(pairs: readonly Pair[]): readonly SaveAttempt[] {
    const remaining = new Map(pairs.map((pair) => [pair.id, pair]));
    const attempts: SaveAttempt[] = [];
    for (const attempt of this.#open) {
      if (!attempt.pairIds.every((id, index) => isAsSent(remaining.get(id), attempt.pairs[index]))) continue;
      for (const id of attempt.pairIds) remaining.delete(id);
      attempts.push(attempt);
    }
    for (const group of byCurrentStudy([...remaining.values()])) {
      const pairIds = group.map(({ id }) => id);
      const attempt = { key: newUuid(), pairIds, pairs: group.map(toConfirmed) };
      this.#open.add(attempt);
      attempts.push(attempt);
    }
    return attempts;
  }

  /** Forgets a report: the PACS has it, or its key is of no use. */
  close(attempt: SaveAttempt): void {
    this.#open.delete(attempt);
  }
}
