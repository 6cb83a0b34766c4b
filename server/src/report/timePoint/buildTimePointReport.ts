import { stringOf } from '../../dicom/index.ts';
import dcmjs from 'dcmjs';
import { fileMeta, reportHeader } from '../header.ts';
import { measurementReport } from '../measurementReport.ts';
import type { BuiltReport } from '../types.ts';
import { randomUids } from '../uid.ts';
import { observationGroup } from './observationGroup.ts';
import type { TimePointReportRequest } from './types.ts';
import { assertTimePoint } from './validation.ts';

/**
 * Builds the report of one time point: an Enhanced SR (TID 1500) in the study that it describes, with one measurement group (TID 1501,
 * with the time point context of TID 1502) for each lesion under the Tracking Unique Identifier that it has in all studies. Stock OHIF
 * hydrates each group as one row.
 *
 * @throws SamepointError report/no-pairs where there is neither an observation nor a report to withdraw, report/incomplete-context,
 *   report/bad-observation
 */
export function buildTimePointReport(request: TimePointReportRequest): BuiltReport {
  assertTimePoint(request);
  const { observations, image, timePoint, now, softwareVersion, predecessors = [], observerName } = request;
  const { seriesInstanceUid, sopInstanceUid } = request.uids ?? randomUids();
  const studyInstanceUid = stringOf(image, 'StudyInstanceUID') ?? '';
  const ids = { studyInstanceUid, seriesInstanceUid, sopInstanceUid };
  const points = observations.map(({ place }) => place);
  const seriesDescription = 'Samepoint lesions';
  const header = { current: image, now, softwareVersion, seriesDescription, points, predecessors };
  const groups = observations.map((observation) => observationGroup(observation, timePoint));
  const dict = new dcmjs.data.DicomDict(fileMeta(ids));
  dict.dict = { ...reportHeader(header, ids), ...measurementReport({ groups, points, observerName }) };
  return { part10: new Uint8Array(dict.write()), ...ids };
}
