/**
 * Pairs and metadata for the tests of this module.
 * @module
 */
import { lpsPoint } from '../../geometry/index.ts';
import type { ConfirmedPair, ReportRequest, SeriesPoint } from '../types.ts';
import type { InstanceAttributes } from '../../documents/index.ts';

const CT_IMAGE = '1.2.840.10008.5.1.4.1.1.2';

/** A point in study 1.2.826.<study>, series 1.2.826.<study>.1. */
export function pointIn(study: number, slice: number, changes: Partial<SeriesPoint> = {}): SeriesPoint {
  return {
    studyInstanceUid: `1.2.826.${study}`,
    seriesInstanceUid: `1.2.826.${study}.1`,
    frameOfReferenceUid: `1.2.826.${study}.2`,
    lps: lpsPoint(-12.3456789, 45.1, 678.25),
    pixel: {
      sopClassUid: CT_IMAGE,
      sopInstanceUid: `1.2.826.${study}.1.${slice}`,
      column: 255.4321,
      row: 101.25,
      offPlaneMm: 0.4,
    },
    ...changes,
  };
}

/** A pair between study 10 (current) and study 20 (prior). */
export function pairOf(changes: Partial<ConfirmedPair> = {}): ConfirmedPair {
  return {
    label: 'Lesion 1',
    lesionUid: '2.25.237735537522972016277366559475409791592',
    state: 'accepted',
    current: pointIn(10, 5),
    prior: pointIn(20, 8),
    similarity: 0.9123456789,
    cycleErrorMm: 1.0471975511965976,
    provenance: {
      model: { id: 'samepoint-ct', version: '1.0.0' },
      method: 'refined',
      step: 'local',
      verdict: 'matched',
      errorRadiusMm: 2.5,
    },
    ...changes,
  };
}

/** DICOM JSON of an instance of the series of `pointIn(study)`. */
export function instanceOf(study: number): InstanceAttributes {
  return {
    '00080020': { vr: 'DA', Value: ['20260102'] },
    '00080030': { vr: 'TM', Value: ['101112'] },
    '00080050': { vr: 'SH', Value: ['A123'] },
    '00080090': { vr: 'PN', Value: [{ Alphabetic: 'Überweiser^Jörg' }] },
    '00100010': { vr: 'PN', Value: [{ Alphabetic: 'Müller^Änne' }] },
    '00100020': { vr: 'LO', Value: ['P-1'] },
    '00100030': { vr: 'DA', Value: ['19560102'] },
    '00100040': { vr: 'CS', Value: ['F'] },
    '0020000D': { vr: 'UI', Value: [`1.2.826.${study}`] },
    '0020000E': { vr: 'UI', Value: [`1.2.826.${study}.1`] },
    '00200010': { vr: 'SH', Value: ['S1'] },
    '00280010': { vr: 'US', Value: [512] },
    '00280011': { vr: 'US', Value: [512] },
  };
}

/** A complete request. */
export function requestOf(changes: Partial<ReportRequest> = {}): ReportRequest {
  return {
    pairs: [pairOf()],
    current: instanceOf(10),
    algorithm: { name: 'Samepoint nearest', version: '0.1.0', parameters: ['model=samepoint-ct'] },
    now: new Date('2026-11-23T09:30:15.250Z'),
    ...changes,
  };
}
