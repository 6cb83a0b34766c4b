/**
 * Lesions from what the PACS holds: findings of any document, and reports of pairs.
 * @module
 */
import type { ConfirmedPair, Finding, ListedReport, Lps, ReportedObservation, SeriesPoint } from '../wire.ts';
import { derivedLesionUid } from './lesionUid.ts';
import type { StoredLesion } from './lesionStore.ts';
import type { CarriedOver, Diameter, Lesion, Observation } from './types.ts';

const LABEL_LENGTH = 64;

/** A finding of any server: one that is not covered or not evaluable has no place, one of an earlier match says so. */
type SavedFinding = Omit<Finding, 'lps' | 'frameOfReferenceUid' | 'carriedOver'> & {
  readonly lps?: Lps | undefined;
  readonly frameOfReferenceUid?: string | undefined;
  readonly carriedOver?: ReportedObservation['carriedOver'];
};

function diameterOf(axis: Finding['longAxis']): Diameter | undefined {
  if (axis === undefined || axis.mm <= 0) return undefined;
  return axis.ends === undefined ? { mm: axis.mm } : { mm: axis.mm, ends: axis.ends };
}

/** `Cornerstone3DTools@^0.1.0:CircleROI`: what stock OHIF calls a measurement that its reader has not named. */
const TOOL = /^\w+@[^:@]+:(?<tool>\w+)$/u;

/** A tracking identifier as a name: of a tool its words and the number of the finding. */
function nameOf(identifier: string, number: number): string {
  const tool = TOOL.exec(identifier)?.groups?.['tool'];
  return tool === undefined ? identifier : `${tool.replace(/([a-z])([A-Z])/gu, '$1 $2')} ${number}`;
}

function labelOf({ label, finding, trackingIdentifier = '', number }: SavedFinding): string {
  const texts = [label, finding?.meaning ?? '', nameOf(trackingIdentifier, number)];
  const text = texts.map((one) => one.replace(/\s+/gu, ' ').trim()).find((one) => one !== '');
  return (text ?? `Finding ${number}`).slice(0, LABEL_LENGTH);
}

/** A pixel that the document does not name is not known (NaN): it is read from the images where it is needed. */
function pixelOf(image: SavedFinding['image']): SeriesPoint['pixel'] {
  const {
    sopClassUid = '',
    sopInstanceUid = '',
    frameNumber,
    column = Number.NaN,
    row = Number.NaN,
    offPlaneMm = 0,
  } = image ?? {};
  return { sopClassUid, sopInstanceUid, ...defined({ frameNumber }), column, row, offPlaneMm };
}

/** Where a finding lies; undefined where its document does not say. */
function placeOf(
  { document, image, frameOfReferenceUid, lps }: SavedFinding,
  series: string,
): SeriesPoint | undefined {
  if (lps === undefined || frameOfReferenceUid === undefined) return undefined;
  const { studyInstanceUid } = document;
  return { studyInstanceUid, seriesInstanceUid: series, frameOfReferenceUid, lps, pixel: pixelOf(image) };
}

function carriedOverOf({ carriedOver }: SavedFinding): CarriedOver | undefined {
  if (carriedOver === undefined) return undefined;
  const { fromStudyInstanceUid, provenance } = carriedOver;
  return { fromStudyInstanceUid, provenance, outOfView: [] };
}

/** The properties that are there. */
function defined<T extends object>(properties: T): { [Key in keyof T]?: Exclude<T[Key], undefined> } {
  const present = Object.entries(properties).filter(([, value]) => value !== undefined);
  return Object.fromEntries(present) as { [Key in keyof T]?: Exclude<T[Key], undefined> };
}

function observationOf(finding: SavedFinding, series: string): Observation {
  const { document, status = 'present', carriedOver } = finding;
  const place = placeOf(finding, series);
  return {
    studyInstanceUid: document.studyInstanceUid,
    series: { studyInstanceUid: document.studyInstanceUid, seriesInstanceUid: series },
    status,
    ...defined({
      place: status === 'not-covered' ? undefined : place,
      longAxis: diameterOf(finding.longAxis),
      shortAxis: diameterOf(finding.shortAxis),
      carriedOver: carriedOverOf(finding),
    }),
    review: carriedOver?.review ?? 'accepted',
    isSaved: true,
  };
}

/**
 * A finding as a lesion with one observation, as it was saved; undefined where it lies in no series.
 * @param series where it lies if its document names no image: the series of the study that is compared
 */
export function lesionOfFinding(finding: SavedFinding, series: string | undefined): StoredLesion | undefined {
  const { document, trackingUid, role = 'not-followed', image, sites, lps } = finding;
  const own = image?.seriesInstanceUid ?? series ?? '';
  if (own === '' && lps !== undefined) return undefined;
  const [site] = sites;
  return {
    trackingUid: trackingUid ?? derivedLesionUid(`${document.sopInstanceUid} ${finding.number}`),
    label: labelOf(finding),
    role,
    ...defined({ finding: finding.finding, site }),
    observation: observationOf(finding, own),
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
