/** Examples of what goes over the wire and stands in the list, for tests. */
import { carriedOverBy } from '../lesions/certainty.ts';
import type { Lesion, Observation } from '../lesions/types.ts';
import type {
  ErrorBody,
  Finding,
  Lps,
  Match,
  MatchOutcome,
  ModelsAnswer,
  SeriesPoint,
  SeriesRef,
} from '../wire.ts';

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

/** An observation in the fake series "current", as the server proposes it from the prior. */
export function proposed(changes: Partial<Observation> = {}, match: Partial<Match> = {}): Observation {
  return {
    studyInstanceUid: '1.2.current',
    series: refOf('current'),
    status: 'present',
    place: pointIn('current', [0, 0, 20]),
    review: 'proposed',
    carriedOver: carriedOverBy({ ...matchBetween('prior', 'current'), ...match }),
    isSaved: false,
    ...changes,
  };
}

/** An observation in a fake series that the reader has marked. */
export function marked(series: string, lps: Lps, changes: Partial<Observation> = {}): Observation {
  return {
    studyInstanceUid: `1.2.${series}`,
    series: refOf(series),
    status: 'present',
    place: pointIn(series, lps),
    review: 'accepted',
    isSaved: false,
    ...changes,
  };
}

/** A lesion; by default proposed in the fake series "current", from a saved one in "prior". */
export function lesionOf(
  id: string,
  observations?: readonly Observation[],
  changes: Partial<Lesion> = {},
): Lesion {
  return {
    trackingUid: `2.25.${parseInt(id, 36)}`,
    label: `Lesion ${id}`,
    role: 'target',
    observations: observations ?? [marked('prior', [4, -3, 40], { isSaved: true }), proposed()],
    ...changes,
  };
}

/** The tracking UID of a lesion. */
export function uidOf(id: string): string {
  return lesionOf(id).trackingUid;
}

/** A finding of a report of the study of a fake series. */
export function findingIn(series: string, id: string, changes: Partial<Finding> = {}): Finding {
  const place = pointIn(series, [4, -3, 40]);
  return {
    document: {
      studyInstanceUid: `1.2.${series}`,
      seriesInstanceUid: `1.2.${series}.80`,
      sopInstanceUid: `1.2.${series}.81`,
      source: 'SR',
    },
    number: 1,
    kind: 'point',
    trackingUid: uidOf(id),
    label: `Lesion ${id}`,
    sites: [],
    frameOfReferenceUid: place.frameOfReferenceUid,
    lps: place.lps,
    image: {
      studyInstanceUid: place.studyInstanceUid,
      seriesInstanceUid: place.seriesInstanceUid,
      sopClassUid: place.pixel.sopClassUid,
      sopInstanceUid: place.pixel.sopInstanceUid,
      column: 125,
      row: 125,
    },
    ...changes,
  };
}

/** Diameters of 18 and 10 mm, 0.4 mm above the slice at 20 mm. */
export const DIAMETERS = {
  longAxis: [
    [-9, 0, 20.4],
    [9, 0, 20.4],
  ],
  shortAxis: [
    [0, -5, 20.4],
    [0, 5, 20.4],
  ],
  isFitted: true,
} as const;
