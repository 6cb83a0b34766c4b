/**
 * Lesions from what the PACS holds: findings of any document, and reports of pairs.
 * @module
 */
import type { ConfirmedPair, Finding, ListedReport, SeriesPoint } from '../wire.ts';
import { derivedLesionUid } from './lesionUid.ts';
import type { StoredLesion } from './lesionStore.ts';
import type { Diameter, Lesion, Observation } from './types.ts';

const LABEL_LENGTH = 64;

function diameterOf(axis: Finding['longAxis']): Diameter | undefined {
  if (axis === undefined || axis.mm <= 0) return undefined;
  return axis.ends === undefined ? { mm: axis.mm } : { mm: axis.mm, ends: axis.ends };
}

function labelOf({ label, finding, trackingIdentifier, number }: Finding): string {
  const texts = [label, finding?.meaning ?? '', trackingIdentifier ?? ''];
  const text = texts.map((one) => one.replace(/\s+/gu, ' ').trim()).find((one) => one !== '');
  return (text ?? `Finding ${number}`).slice(0, LABEL_LENGTH);
}

/** Where a finding lies. A document that names no pixel leaves it unknown (NaN): it is read from the images where it is needed. */
function placeOf(
  { image, frameOfReferenceUid, lps, document }: Finding,
  series: string,
): SeriesPoint | undefined {
  if (lps === undefined || frameOfReferenceUid === undefined) return undefined;
  return {
    studyInstanceUid: document.studyInstanceUid,
    seriesInstanceUid: series,
    frameOfReferenceUid,
    lps,
    pixel: {
      sopClassUid: image?.sopClassUid ?? '',
      sopInstanceUid: image?.sopInstanceUid ?? '',
      ...(image?.frameNumber === undefined ? {} : { frameNumber: image.frameNumber }),
      column: image?.column ?? Number.NaN,
      row: image?.row ?? Number.NaN,
      offPlaneMm: 0,
    },
  };
}

/**
 * A finding as a lesion with one observation, as it was saved.
 * @param series where it lies if its document names no image: the series of the study that is compared
 */
export function lesionOfFinding(finding: Finding, series: string | undefined): StoredLesion | undefined {
  const { document, trackingUid, role = 'not-followed', status = 'present', image, sites } = finding;
  const seriesInstanceUid = image?.seriesInstanceUid ?? series;
  if (seriesInstanceUid === undefined || seriesInstanceUid === '') return undefined;
  const { studyInstanceUid } = document;
  const longAxis = diameterOf(finding.longAxis);
  const shortAxis = diameterOf(finding.shortAxis);
  const place = placeOf(finding, seriesInstanceUid);
  const [site] = sites;
  return {
    trackingUid: trackingUid ?? derivedLesionUid(`${document.sopInstanceUid} ${finding.number}`),
    label: labelOf(finding),
    role,
    ...(finding.finding === undefined ? {} : { finding: finding.finding }),
    ...(site === undefined ? {} : { site }),
    observation: {
      studyInstanceUid,
      series: { studyInstanceUid, seriesInstanceUid },
      status,
      ...(place === undefined ? {} : { place }),
      ...(longAxis === undefined ? {} : { longAxis }),
      ...(shortAxis === undefined ? {} : { shortAxis }),
      review: 'accepted',
      isSaved: true,
    },
  };
}

function savedAt(place: SeriesPoint): Observation {
  const { studyInstanceUid, seriesInstanceUid } = place;
  const series = { studyInstanceUid, seriesInstanceUid };
  return { studyInstanceUid, series, status: 'present', place, review: 'accepted', isSaved: true };
}

function lesionOfPair(pair: ConfirmedPair): Lesion {
  const { lesionUid, label, current, prior } = pair;
  const observations = current.studyInstanceUid === prior.studyInstanceUid ? [current] : [current, prior];
  return { trackingUid: lesionUid, label, role: 'not-followed', observations: observations.map(savedAt) };
}

/** The lesions of reports of pairs, those of the newest report first. */
export function lesionsOfPairs(reports: readonly ListedReport[]): readonly Lesion[] {
  return [...reports]
    .sort((a, b) => b.createdAt.localeCompare(a.createdAt))
    .flatMap(({ pairs }) => pairs.map(lesionOfPair));
}
