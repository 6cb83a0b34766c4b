/**
 * The document tree of an Imaging Measurement Report (TID 1500) around its measurement groups.
 * @module
 */
import {
  CODES,
  codedItem,
  containerItem,
  imageItem,
  personNameItem,
  textItem,
  uidItem,
} from '../contentTree/index.ts';
import { dataset } from '../documents/index.ts';
import type { Dataset } from '../documents/index.ts';
import { groupBy } from './groupBy.ts';
import type { SeriesPoint } from './types.ts';

/** Names Samepoint as observer (TID 1004), the same in every report; a random UUID, fixed. */
const DEVICE_OBSERVER_UID = '2.25.304096828822330187596516234447440475419';

/** What the tree is made from. */
export interface MeasurementReportInput {
  readonly groups: readonly Dataset[];
  /** Containers of our own beside the measurements. */
  readonly others?: readonly Dataset[];
  /** Places in the images that the groups refer to. */
  readonly points: readonly SeriesPoint[];
  readonly observerName?: string | undefined;
}

/** The root container: language, observers, procedure, image library, measurements. */
export function measurementReport({
  groups,
  others = [],
  points,
  observerName,
}: MeasurementReportInput): Dataset {
  const library = containerItem(CODES.imageLibraryGroup, libraryEntries(points));
  const root = containerItem(CODES.imagingMeasurementReport, [
    codedItem('HAS CONCEPT MOD', CODES.language, CODES.english),
    ...(observerName === undefined ? [] : personObserver(observerName)),
    ...deviceObserver(),
    codedItem('HAS CONCEPT MOD', CODES.procedureReported, CODES.imagingProcedure),
    ...(points.length === 0 ? [] : [containerItem(CODES.imageLibrary, [library])]),
    containerItem(CODES.imagingMeasurements, groups),
    ...others,
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
function libraryEntries(points: readonly SeriesPoint[]): readonly Dataset[] {
  return groupBy(points, ({ pixel }) => pixel.sopInstanceUid).map(([sopInstanceUid, [first]]) =>
    imageItem('CONTAINS', { sopClassUid: first.pixel.sopClassUid, sopInstanceUid }, [
      uidItem('HAS ACQ CONTEXT', CODES.frameOfReferenceUid, first.frameOfReferenceUid),
    ]),
  );
}
