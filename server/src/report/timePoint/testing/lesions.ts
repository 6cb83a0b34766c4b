/**
 * Lesions in the slices of `sliceMetadata`, for tests.
 * @module
 */
import { lpsPoint } from '../../../geometry/index.ts';
import type { LpsPoint } from '../../../geometry/index.ts';
import {
  CT_IMAGE,
  FRAME_OF_REFERENCE,
  SERIES,
  sliceUid,
  STUDY,
} from '../../../findings/testing/documents.ts';
import type { SeriesPoint } from '../../types.ts';
import type { CarriedOver, ConfirmedObservation, PatientDiameter } from '../types.ts';

/** The middle of a pixel of a slice, or a point above it. */
export function lpsOf(column: number, row: number, slice: number, offPlaneMm = 0): LpsPoint {
  return lpsPoint(-100 + 0.5 * column, -80 + 0.8 * row, 2 * slice + offPlaneMm);
}

/** A place at a pixel of a slice. */
export function placeAt(column: number, row: number, slice: number, offPlaneMm = 0): SeriesPoint {
  return {
    studyInstanceUid: STUDY,
    seriesInstanceUid: SERIES,
    frameOfReferenceUid: FRAME_OF_REFERENCE,
    lps: lpsOf(column, row, slice, offPlaneMm),
    pixel: { sopClassUid: CT_IMAGE, sopInstanceUid: sliceUid(slice), column, row, offPlaneMm },
  };
}

/** 10 mm along the rows and 4 mm along the columns through pixel (110, 50) of slice 3. */
export const LONG: PatientDiameter = { mm: 10, ends: [lpsOf(100, 50, 3), lpsOf(120, 50, 3)] };
export const SHORT: PatientDiameter = { mm: 4, ends: [lpsOf(110, 47.5, 3), lpsOf(110, 52.5, 3)] };

export const CARRIED_OVER: CarriedOver = {
  fromStudyInstanceUid: '1.2.826.19',
  review: 'corrected',
  provenance: {
    model: { id: 'samepoint-ct', version: '1.0.0' },
    method: 'refined',
    step: 'local',
    verdict: 'uncertain',
    errorRadiusMm: 2.5,
  },
};

/** A lesion with both diameters at pixel (110, 50) of slice 3. */
export function lesion(changes: Partial<ConfirmedObservation> = {}): ConfirmedObservation {
  return {
    trackingUid: '2.25.7',
    label: 'Läsion 1',
    role: 'target',
    status: 'present',
    place: placeAt(110, 50, 3),
    longAxis: LONG,
    shortAxis: SHORT,
    ...changes,
  };
}

/** A lesion without a place. */
export function unseen(changes: Partial<ConfirmedObservation> = {}): ConfirmedObservation {
  return { trackingUid: '2.25.8', label: 'Lesion 2', role: 'non-target', status: 'not-covered', ...changes };
}
