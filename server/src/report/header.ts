/**
 * Everything of a report outside its document tree: patient, study, series, equipment, evidence (PS3.3 A.35.2).
 * @module
 */
import { stringOf } from '../dicom/index.ts';
import { PRIVATE_SCHEME, contentTemplate } from '../contentTree/index.ts';
import { dataset, dicomDateTime, offsetValue, ownAttributes, sharedAttributes } from '../documents/index.ts';
import type { BuiltReport, Dataset, InstanceAttributes } from '../documents/index.ts';
import { groupBy } from './groupBy.ts';
import type { SeriesPoint } from './types.ts';

/** Enhanced SR Storage: the class that OHIF 3.11 to 3.14 all read. */
export const ENHANCED_SR = '1.2.840.10008.5.1.4.1.1.88.22';
/** Behind the image series of a study. */
const SERIES_NUMBER = '9900';

type Identifiers = Omit<BuiltReport, 'part10'>;

/** A document that a report replaces; of the same class. */
export type Predecessor = Identifiers;

/** What a report says of itself. */
export interface ReportContext {
  /** Any instance of the study. */
  readonly current: InstanceAttributes;
  readonly now: Date;
  readonly softwareVersion: string;
  readonly seriesDescription: string;
  /** Places in the images that the report refers to. */
  readonly points: readonly SeriesPoint[];
  readonly predecessors?: readonly Predecessor[];
}

/** All modules of the report but the document tree. */
export function reportHeader(context: ReportContext, ids: Identifiers): Dataset {
  const { current, now, softwareVersion, seriesDescription, points, predecessors = [] } = context;
  const written = dicomDateTime(now, offsetValue(stringOf(current, 'TimezoneOffsetFromUTC')));
  return {
    ...sharedAttributes(current),
    ...ownAttributes({
      ids,
      sopClassUid: ENHANCED_SR,
      modality: 'SR',
      seriesNumber: SERIES_NUMBER,
      seriesDescription,
      softwareVersions: [softwareVersion],
      written,
    }),
    ...dataset({
      ReferencedPerformedProcedureStepSequence: [],
      ObservationDateTime: [written.dateTime],
      CompletionFlag: ['COMPLETE'],
      // A reader confirmed every pair, but no one signed the document.
      VerificationFlag: ['UNVERIFIED'],
      PreliminaryFlag: ['FINAL'],
      PerformedProcedureCodeSequence: [],
      // Type 1C: where there are such documents or images.
      ...(predecessors.length === 0
        ? {}
        : { PredecessorDocumentsSequence: predecessors.map(predecessorItem) }),
      ...(points.length === 0 ? {} : { CurrentRequestedProcedureEvidenceSequence: evidence(points) }),
      CodingSchemeIdentificationSequence: [ownScheme()],
    }),
    ...contentTemplate('1500'),
  };
}

function predecessorItem({ studyInstanceUid, seriesInstanceUid, sopInstanceUid }: Predecessor): Dataset {
  const document = dataset({
    ReferencedSOPClassUID: [ENHANCED_SR],
    ReferencedSOPInstanceUID: [sopInstanceUid],
  });
  const series = dataset({ SeriesInstanceUID: [seriesInstanceUid], ReferencedSOPSequence: [document] });
  return dataset({ StudyInstanceUID: [studyInstanceUid], ReferencedSeriesSequence: [series] });
}

/** The images (PS3.3 C.17.2.3), each once. */
function evidence(points: readonly SeriesPoint[]): readonly Dataset[] {
  return groupBy(points, (point) => point.studyInstanceUid).map(([study, ofStudy]) =>
    dataset({
      StudyInstanceUID: [study],
      ReferencedSeriesSequence: groupBy(ofStudy, (point) => point.seriesInstanceUid).map(
        ([series, ofSeries]) =>
          dataset({ SeriesInstanceUID: [series], ReferencedSOPSequence: instances(ofSeries) }),
      ),
    }),
  );
}

function instances(points: readonly SeriesPoint[]): readonly Dataset[] {
  return groupBy(points, ({ pixel }) => pixel.sopInstanceUid).map(([sopInstanceUid, [first]]) =>
    dataset({
      ReferencedSOPClassUID: [first.pixel.sopClassUid],
      ReferencedSOPInstanceUID: [sopInstanceUid],
    }),
  );
}

/** Declares our private codes (PS3.3 C.12.1.1.17). */
function ownScheme(): Dataset {
  return dataset({
    CodingSchemeDesignator: [PRIVATE_SCHEME],
    CodingSchemeName: ['Samepoint matches of points between studies'],
    CodingSchemeResponsibleOrganization: ['Samepoint'],
  });
}
