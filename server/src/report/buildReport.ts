import { stringOf } from '../dicom/index.ts';
import dcmjs from 'dcmjs';
import { CODES } from './codes.ts';
import { codedItem, containerItem, imageItem, personNameItem, textItem, uidItem } from './contentItems.ts';
import { dataset } from './dataset.ts';
import type { Dataset } from './dataset.ts';
import { groupBy } from './groupBy.ts';
import { fileMeta, reportHeader } from './header.ts';
import { measurementGroup } from './measurementGroup.ts';
import type { BuiltReport, ConfirmedPair, ReportRequest } from './types.ts';
import { randomUids } from './uid.ts';
import { assertReportable } from './validation.ts';

/** Names Samepoint as observer (TID 1004), the same in every report; a random UUID, fixed. */
const DEVICE_OBSERVER_UID = '2.25.304096828822330187596516234447440475419';

/**
 * Builds one Enhanced SR (TID 1500) in the current study that holds all pairs, two measurement groups each, in the form that
 * stock OHIF 3.11 to 3.14 list and hydrate. It also carries what OHIF ignores and {@link readReport} gives back: which groups
 * belong together, the lesion, the reader's decision, similarity, cycle error and the exact world points.
 *
 * @throws SamepointError report/no-pairs, other-study, other-patient, not-confirmed, bad-label, bad-value, pixel-outside,
 *   contradictory-reference, incomplete-context
 */
export function buildReport(request: ReportRequest): BuiltReport {
  assertReportable(request);
  const { current, uids = randomUids() } = request;
  const { seriesInstanceUid, sopInstanceUid, next } = uids;
  const ids = {
    studyInstanceUid: stringOf(current, 'StudyInstanceUID') ?? '',
    seriesInstanceUid,
    sopInstanceUid,
  };
  const dict = new dcmjs.data.DicomDict(fileMeta(ids));
  dict.dict = { ...reportHeader(request, ids), ...documentTree(request, next) };
  return { part10: new Uint8Array(dict.write()), ...ids };
}

/** The root container: language, observers, procedure, image library, measurements. */
function documentTree({ pairs, algorithm, observerName }: ReportRequest, newUid: () => string): Dataset {
  const groups = pairs.flatMap((pair) => {
    const matchUid = newUid();
    return (['current', 'prior'] as const).map((end) =>
      measurementGroup({ pair, end, matchUid, trackingUid: newUid(), algorithm }),
    );
  });
  const root = containerItem(CODES.imagingMeasurementReport, [
    codedItem('HAS CONCEPT MOD', CODES.language, CODES.english),
    ...(observerName === undefined ? [] : personObserver(observerName)),
    ...deviceObserver(),
    codedItem('HAS CONCEPT MOD', CODES.procedureReported, CODES.imagingProcedure),
    containerItem(CODES.imageLibrary, [containerItem(CODES.imageLibraryGroup, libraryEntries(pairs))]),
    containerItem(CODES.imagingMeasurements, groups),
  ]);
  // The root has no parent to relate to.
  return Object.fromEntries(
    Object.entries(root).filter(([tag]) => !(tag in dataset({ RelationshipType: [] }))),
  );
}

/** Person Observer (TID 1003). */
function personObserver(name: string): readonly Dataset[] {
  return [
    codedItem('HAS OBS CONTEXT', CODES.observerType, CODES.person),
    personNameItem('HAS OBS CONTEXT', CODES.personObserverName, name),
  ];
}

/** Device Observer (TID 1004). */
function deviceObserver(): readonly Dataset[] {
  return [
    codedItem('HAS OBS CONTEXT', CODES.observerType, CODES.device),
    uidItem('HAS OBS CONTEXT', CODES.deviceObserverUid, DEVICE_OBSERVER_UID),
    textItem('HAS OBS CONTEXT', CODES.deviceObserverName, 'Samepoint'),
    textItem('HAS OBS CONTEXT', CODES.deviceObserverManufacturer, 'Samepoint'),
    textItem('HAS OBS CONTEXT', CODES.deviceObserverModelName, 'Samepoint'),
  ];
}

/** Image Library entries (TID 1601, 1602): every image once, with its frame of reference. */
function libraryEntries(pairs: readonly ConfirmedPair[]): readonly Dataset[] {
  const points = pairs.flatMap(({ current, prior }) => [current, prior]);
  return groupBy(points, ({ pixel }) => pixel.sopInstanceUid).map(([sopInstanceUid, [first]]) =>
    imageItem('CONTAINS', { sopClassUid: first.pixel.sopClassUid, sopInstanceUid }, [
      uidItem('HAS ACQ CONTEXT', CODES.frameOfReferenceUid, first.frameOfReferenceUid),
    ]),
  );
}
