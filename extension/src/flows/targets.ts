/**
 * Which series a click is in, and in which it is searched.
 * @module
 */
import { notices } from '../i18n/words.ts';
import { ViewerFailure } from '../client/failure.ts';
import type { Viewport } from '../ohif.d.ts';
import type { Host } from '../viewer/host.ts';
import { samePatient, shownSeries } from '../viewer/series.ts';
import type { ShownSeries } from '../viewer/series.ts';
import type { SeriesRef } from '../wire.ts';
import type { Context } from './context.ts';

/** Series of one request (http API). */
const MAX_TARGETS = 16;
/** Studies that are searched without being on the screen or analysed: the newest. */
const MAX_FAR = 5;

/** The series that was clicked. @param readable modalities of the model */
export function clickedSeries(host: Host, viewport: Viewport, readable: readonly string[]): ShownSeries {
  const here = shownSeries(host).filter(({ viewportIds }) => viewportIds.includes(viewport.id));
  const source = here.find((series) => readable.includes(series.modality));
  const readableText = readable.join('/');
  if (source === undefined) {
    const modality = here[0]?.modality ?? '';
    throw new ViewerFailure(
      'viewer/unsupported-modality',
      ...notices().failuresOf.modality(readableText, modality),
    );
  }
  if (!source.isVolume) {
    throw new ViewerFailure('viewer/localizer', ...notices().failures.localizer);
  }
  return source;
}

/**
 * The series that are searched, in requests of their own: those that are on the screen or analysed answer at once, and do not wait for
 * the others.
 */
export function targetsOf(
  { host, timePoints }: Context,
  source: ShownSeries,
  readable: readonly string[],
): readonly (readonly SeriesRef[])[] {
  const shown = shownSeries(host);
  const isShown = ({ seriesInstanceUid }: SeriesRef): boolean =>
    shown.some((series) => series.seriesInstanceUid === seriesInstanceUid);
  const isOfPatient = timePoints.point(source.studyInstanceUid) !== undefined;
  const others = timePoints.others().concat(timePoints.point(timePoints.current) ?? []);
  const chosen = (isOfPatient ? others : [])
    .filter(({ studyInstanceUid }) => studyInstanceUid !== source.studyInstanceUid)
    .flatMap(({ studyInstanceUid }) => timePoints.chosen(studyInstanceUid) ?? []);
  // Another series of the clicked study goes to the same place; the lesion has one observation per study.
  const beside = shown.filter(
    (series) =>
      series.studyInstanceUid === source.studyInstanceUid &&
      series.seriesInstanceUid !== source.seriesInstanceUid &&
      series.isVolume &&
      readable.includes(series.modality) &&
      samePatient(series, source),
  );
  const isQuick = (series: SeriesRef): boolean =>
    isShown(series) || timePoints.readiness.of(series.seriesInstanceUid).state === 'ready';
  const near = [...beside, ...chosen.filter(isQuick)].slice(0, MAX_TARGETS);
  const far = chosen.filter((series) => !isQuick(series)).slice(0, MAX_FAR);
  return [near, far].filter((targets) => targets.length > 0);
}

/** There is no other scan. */
export function nothingToCompare(readable: readonly string[]): ViewerFailure {
  return new ViewerFailure(
    'viewer/nothing-to-compare',
    ...notices().failuresOf.nothingToCompare(readable.join('/')),
  );
}

/** A series as requests name it. */
export function seriesRef({ studyInstanceUid, seriesInstanceUid }: SeriesRef): SeriesRef {
  return { studyInstanceUid, seriesInstanceUid };
}
