import { isUid, MAX_UID_CHARACTERS } from '../dicom/index.ts';
import { SamepointError } from '../errors/index.ts';
import type { SeriesRef } from './types.ts';

/**
 * Returns the UID when it is one.
 * @throws SamepointError `dicomweb/invalid-uid`; the value itself is not repeated, it may be anything.
 */
export function requireUid(argument: string, value: unknown): string {
  if (isUid(value)) return value;
  let reason = 'only digits and single dots between them are allowed';
  if (typeof value !== 'string') reason = `it is a ${typeof value}, not a string`;
  else if (value === '') reason = 'it is empty';
  else if (value.length > MAX_UID_CHARACTERS)
    reason = `it has ${value.length} characters, ${MAX_UID_CHARACTERS} are allowed`;
  throw new SamepointError('dicomweb/invalid-uid', { argument, reason });
}

/** Checks both UIDs of a series reference. */
export function requireSeriesRef(series: SeriesRef): SeriesRef {
  requireUid('studyInstanceUid', series.studyInstanceUid);
  requireUid('seriesInstanceUid', series.seriesInstanceUid);
  return series;
}
