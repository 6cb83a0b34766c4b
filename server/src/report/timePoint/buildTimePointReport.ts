import { stringOf } from '../../dicom/index.ts';
import dcmjs from 'dcmjs';
import { containerItem } from '../../contentTree/index.ts';
import type { BuiltReport, Dataset } from '../../documents/index.ts';
import { fileMeta, notBefore, randomUids } from '../../documents/index.ts';
import { ENHANCED_SR, reportHeader } from '../header.ts';
import { measurementReport } from '../measurementReport.ts';
import { timePointContainer } from './assessment.ts';
import { TIME_POINT_CODES } from './codes.ts';
import { observationGroup } from './observationGroup.ts';
import type { LesionObservation, TimePointReportRequest } from './types.ts';
import { assertTimePoint } from './validation.ts';

/**
 * Builds the report of one time point: an Enhanced SR (TID 1500) in the study that it describes, with one measurement group (TID 1501,
 * with the time point context of TID 1502) for each lesion under the Tracking Unique Identifier that it has in all studies. Stock OHIF
 * hydrates each group with a place as one row, and does not look into the containers beside the measurements.
 *
 * @throws SamepointError report/no-pairs where there is neither an observation nor a report to withdraw, report/incomplete-context,
 *   report/bad-observation
 */
export function buildTimePointReport(request: TimePointReportRequest): BuiltReport {
  assertTimePoint(request);
  const { observations, image, softwareVersion, predecessors = [], observerName } = request;
  const { seriesInstanceUid, sopInstanceUid } = request.uids ?? randomUids();
  const studyInstanceUid = stringOf(image, 'StudyInstanceUID') ?? '';
  const ids = { studyInstanceUid, seriesInstanceUid, sopInstanceUid };
  const points = observations.flatMap(({ place }) => place ?? []);
  const seriesDescription = 'Samepoint lesions';
  const now = contentTime(request);
  const header = { current: image, now, softwareVersion, seriesDescription, points, predecessors };
  const tree = measurementReport({ ...contentOf(request), points, observerName });
  const dict = new dcmjs.data.DicomDict(fileMeta(ids, ENHANCED_SR));
  dict.dict = { ...reportHeader(header, ids), ...tree };
  return { part10: new Uint8Array(dict.write()), ...ids };
}

/** The measurement groups, and the containers beside them: stock OHIF fails on a group without coordinates. */
function contentOf(request: TimePointReportRequest): {
  readonly groups: readonly Dataset[];
  readonly others: readonly Dataset[];
} {
  const { observations, timePoint, assessment } = request;
  const groupsOf = (chosen: readonly LesionObservation[]): readonly Dataset[] =>
    chosen.map((observation) => observationGroup(observation, request));
  const placeless = groupsOf(observations.filter(({ place }) => place === undefined));
  return {
    groups: groupsOf(observations.filter(({ place }) => place !== undefined)),
    others: [
      ...(placeless.length === 0 ? [] : [containerItem(TIME_POINT_CODES.withoutPlace, placeless)]),
      timePointContainer(timePoint, assessment),
    ],
  };
}

/** Now, or later: a report that was older than what it replaces would not count. */
function contentTime({ image, now, predecessors = [] }: TimePointReportRequest): Date {
  const zone = stringOf(image, 'TimezoneOffsetFromUTC');
  return predecessors.reduce((time, { createdAt }) => notBefore(time, createdAt ?? '', zone), now);
}
