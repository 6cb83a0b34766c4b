import type { Embedding } from '../embedding/types.ts';
import { locateInStack } from '../geometry/index.ts';
import type { LpsPoint } from '../geometry/index.ts';
import type { SeriesPoint } from './types.ts';

type VolumeGeometry = Embedding['volume'];

/** A world point (LPS, mm) of a series with the pixel nearest to it, for viewers and SR. */
export function seriesPointAt(volume: VolumeGeometry, lps: LpsPoint): SeriesPoint {
  const { slice, column, row, offPlaneMm } = locateInStack(volume, lps);
  const source = volume.slices[slice];
  // A Volume has one source per slice by construction; a hole here is a bug of ours, not of the input.
  if (source === undefined) throw new RangeError(`volume has no source for slice ${slice}`);
  const { sopClassUid, sopInstanceUid, frameNumber } = source;
  return {
    studyInstanceUid: volume.studyInstanceUid,
    seriesInstanceUid: volume.seriesInstanceUid,
    frameOfReferenceUid: volume.frameOfReferenceUid,
    lps,
    pixel: {
      sopClassUid,
      sopInstanceUid,
      ...(frameNumber === undefined ? {} : { frameNumber }),
      column,
      row,
      offPlaneMm,
    },
  };
}
