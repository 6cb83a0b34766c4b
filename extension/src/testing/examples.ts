/** Examples of what goes over the wire and stands in the list, for tests. */
import type { Pair } from '../pairs/types.ts';
import type { ErrorBody, Lps, Match, MatchOutcome, ModelsAnswer, SeriesPoint, SeriesRef } from '../wire.ts';

/** A point of a fake series (testing/fakeHost.ts). */
export function pointIn(series: string, lps: Lps): SeriesPoint {
  return {
    studyInstanceUid: `1.2.${series}`,
    seriesInstanceUid: `1.2.${series}.9`,
    frameOfReferenceUid: `1.2.${series}.7`,
    lps,
    pixel: {
      sopClassUid: '1.2.840.10008.5.1.4.1.1.2',
      sopInstanceUid: `1.2.${series}.4`,
      column: 125,
      row: 125,
      offPlaneMm: 0,
    },
  };
}

export const SERVER_ERROR: ErrorBody = {
  code: 'matching/in-air',
  status: 422,
  message: 'the point lies in air',
  remedy: 'Click on tissue.',
  fields: {},
};

/** The server's default model. */
export const CT_MODEL: ModelsAnswer['models'][number] = {
  id: 'samepoint-ct',
  title: 'Samepoint CT',
  kind: 'sam',
  modalities: ['CT'],
  region: 'trunk',
  default: true,
};

/** A match from series a to series b. */
export function matchBetween(a: string, b: string): Match {
  return {
    model: { id: 'samepoint-ct', version: '1.0.0' },
    method: 'nearest',
    step: 'nearest',
    verdict: 'matched',
    query: pointIn(a, [0, 0, 20]),
    target: pointIn(b, [4, -3, 40]),
    similarity: 0.874,
    cycleErrorMm: 1.26,
    errorRadiusMm: 4,
  };
}

/** Names a fake series on the wire. */
export function refOf(series: string): SeriesRef {
  return { studyInstanceUid: `1.2.${series}`, seriesInstanceUid: `1.2.${series}.9` };
}

/** A match from series a to series b, as the server answers it. */
export function foundIn(a: string, b: string): MatchOutcome {
  return { pointId: 'p', target: refOf(b), ok: true, match: matchBetween(a, b) };
}

/** A pair between the fake series "current" and "prior". */
export function pairOf(id: string, changes: Partial<Pair> = {}): Pair {
  return {
    id,
    lesionUid: `2.25.${parseInt(id, 36)}`,
    label: `Lesion ${id}`,
    state: 'proposed',
    current: pointIn('current', [0, 0, 20]),
    prior: pointIn('prior', [4, -3, 40]),
    found: 'prior',
    similarity: 0.874,
    cycleErrorMm: 1.26,
    saved: false,
    ...changes,
  };
}
