/**
 * How far an answer can be trusted, in words for the reader.
 * @module
 */
import { wordsNow } from '../i18n/words.ts';
import type { Match, MatchProvenance } from '../wire.ts';
import type { CarriedOver, LesionSizes, Observation } from './types.ts';

/** Of an answer of a server that names no model. */
const UNNAMED_MODEL = { id: 'unnamed', version: '0' };

function provenanceOf({
  model = UNNAMED_MODEL,
  method,
  step,
  verdict,
  errorRadiusMm,
}: Match): MatchProvenance {
  return { model, method, step, verdict, errorRadiusMm };
}

/** How a place was found, from the match that found it. @param sizes absent where the order of the scans in time is not known */
export function carriedOverBy(match: Match, sizes?: LesionSizes): CarriedOver {
  const { query, similarity, cycleErrorMm, outOfView = [], axes, runnerUp } = match;
  return {
    fromStudyInstanceUid: query.studyInstanceUid,
    provenance: provenanceOf(match),
    similarity,
    cycleErrorMm,
    outOfView,
    ...(sizes === undefined ? {} : { sizes }),
    ...(axes === undefined ? {} : { axes }),
    ...(runnerUp?.lps === undefined ? {} : { runnerUp: runnerUp.lps }),
  };
}

/** "± 3 mm"; whole millimetres, and never ± 0. */
export function radiusText(errorRadiusMm: number): string {
  return `± ${Math.max(1, Math.round(errorRadiusMm))} mm`;
}

/** True for an answer that the reader must look at closely, whatever he has decided: the server claims no place. */
export function isUncertain({ carriedOver }: Observation): boolean {
  const verdict = carriedOver?.provenance.verdict;
  return verdict === 'uncertain' || verdict === 'absent';
}

/** The verdict in words; empty where the reader has marked or corrected the place. */
export function certaintyText({ carriedOver, review }: Observation): string {
  if (carriedOver === undefined || review === 'corrected') return '';
  const { provenance, outOfView } = carriedOver;
  const { notices, certainty } = wordsNow();
  switch (provenance.verdict) {
    case 'matched':
      return radiusText(provenance.errorRadiusMm);
    case 'uncertain':
      return notices.marks.uncertain(radiusText(provenance.errorRadiusMm));
    case 'out-of-view': {
      const where = outOfView.map((side) => certainty.sides[side]);
      return where.length === 0 ? notices.marks.notInScan : notices.marks.liesOutside(where);
    }
    case 'absent':
      return notices.marks.notFound;
  }
}
