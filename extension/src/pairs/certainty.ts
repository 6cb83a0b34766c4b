/**
 * How far an answer can be trusted, in words for the reader.
 * @module
 */
import type { Match, MatchProvenance } from '../wire.ts';
import type { Pair } from './types.ts';
import type { Certainty } from './types.ts';

const SIDES: Readonly<Record<Certainty['outOfView'][number], string>> = {
  superior: 'above',
  inferior: 'below',
  left: 'left of',
  right: 'right of',
  anterior: 'in front of',
  posterior: 'behind',
};

/** The certainty of a match. */
export function certaintyOf({
  model,
  method,
  step,
  verdict,
  errorRadiusMm,
  outOfView = [],
}: Match): Certainty {
  return { model, method, step, verdict, errorRadiusMm, outOfView };
}

/** The certainty of a match that a report records. */
export function recordedCertainty(provenance: MatchProvenance): Certainty {
  return { ...provenance, outOfView: [] };
}

/** What a report records of the certainty of a match; undefined where it was not made with a model. */
export function provenanceOf({
  model,
  method,
  step,
  verdict,
  errorRadiusMm,
}: Certainty): MatchProvenance | undefined {
  return model === undefined ? undefined : { model, method, step, verdict, errorRadiusMm };
}

/** "± 3 mm"; whole millimetres, and never ± 0. */
export function radiusText(errorRadiusMm: number): string {
  return `± ${Math.max(1, Math.round(errorRadiusMm))} mm`;
}

/** The verdict in words; empty where the server gave none (a pair of an earlier report) or the reader has set the place. */
export function certaintyText({ certainty, state }: Pair): string {
  if (certainty === undefined || state === 'moved') return '';
  const { verdict, errorRadiusMm, outOfView } = certainty;
  switch (verdict) {
    case 'matched':
      return radiusText(errorRadiusMm);
    case 'uncertain':
      return `${radiusText(errorRadiusMm)}, uncertain — check`;
    case 'out-of-view': {
      const where = outOfView.map((side) => SIDES[side]).join(' and ');
      return where === '' ? 'not in this scan' : `not in this scan: lies ${where} the field of view`;
    }
    case 'absent':
      return 'not found in this scan';
  }
}

/** True when the answer is that there is no such place in the scan: nothing to accept, only to place by hand. */
export function isMissing({ certainty, state }: Pair): boolean {
  const verdict = certainty?.verdict;
  return state !== 'moved' && state !== 'accepted' && (verdict === 'out-of-view' || verdict === 'absent');
}
