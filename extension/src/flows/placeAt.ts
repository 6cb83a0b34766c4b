import { notices } from '../i18n/words.ts';
import type { DisplaySet, Viewport } from '../ohif.d.ts';
import type { Host } from '../viewer/host.ts';
import type { NearestSlice } from '../viewer/slices.ts';
import { isOnImage, nearestSlice } from '../viewer/slices.ts';
import { ViewerFailure } from '../client/failure.ts';
import type { Lps, SeriesPoint } from '../wire.ts';

function nearest(host: Host, displaySets: readonly DisplaySet[], world: Lps): NearestSlice | undefined {
  return nearestSlice(
    displaySets.flatMap((displaySet) => host.slicesOf(displaySet)),
    world,
  );
}

/** A point of a series that a viewport shows. @throws ViewerFailure where it is beside the image */
export function placeAt(
  host: Host,
  viewport: Viewport,
  { studyInstanceUid, seriesInstanceUid }: Pick<SeriesPoint, 'studyInstanceUid' | 'seriesInstanceUid'>,
  world: Lps,
): SeriesPoint {
  const found = nearest(host, host.displaySetsOfSeries(seriesInstanceUid), world);
  if (found === undefined || !isOnImage(found)) {
    throw new ViewerFailure('viewer/outside-image', ...notices().failures.outsideImage);
  }
  return {
    studyInstanceUid,
    seriesInstanceUid,
    frameOfReferenceUid: viewport.getFrameOfReferenceUID() ?? '',
    lps: [world[0], world[1], world[2]],
    pixel: found.pixel,
  };
}

/** The pixel of a place whose document names none, from the images that the viewer has loaded; as it is where it has not. */
export function withPixel(host: Host, place: SeriesPoint): SeriesPoint {
  if (Number.isFinite(place.pixel.column) && Number.isFinite(place.pixel.row)) return place;
  const found = nearest(host, host.displaySetsOfSeries(place.seriesInstanceUid), place.lps);
  return found === undefined || !isOnImage(found) ? place : { ...place, pixel: found.pixel };
}
