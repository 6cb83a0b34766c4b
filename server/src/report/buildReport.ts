import { stringOf } from '../dicom/index.ts';
import dcmjs from 'dcmjs';
import type { BuiltReport, Dataset } from '../documents/index.ts';
import { ENHANCED_SR, reportHeader } from './header.ts';
import { fileMeta, randomUids } from '../documents/index.ts';
import { measurementGroup } from './measurementGroup.ts';
import { measurementReport } from './measurementReport.ts';
import type { ConfirmedPair, ReportRequest, SeriesPoint } from './types.ts';
import { assertReportable } from './validation.ts';

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
  const dict = new dcmjs.data.DicomDict(fileMeta(ids, ENHANCED_SR));
  const header = {
    current,
    now: request.now,
    softwareVersion: request.algorithm.version,
    seriesDescription: 'Samepoint matches',
    points: pointsOf(request.pairs),
  };
  dict.dict = { ...reportHeader(header, ids), ...documentTree(request, next) };
  return { part10: new Uint8Array(dict.write()), ...ids };
}

function documentTree({ pairs, algorithm, observerName }: ReportRequest, newUid: () => string): Dataset {
  const groups = pairs.flatMap((pair) => {
    const matchUid = newUid();
    return (['current', 'prior'] as const).map((end) =>
      measurementGroup({ pair, end, matchUid, trackingUid: newUid(), algorithm }),
    );
  });
  return measurementReport({ groups, points: pointsOf(pairs), observerName });
}

function pointsOf(pairs: readonly ConfirmedPair[]): readonly SeriesPoint[] {
  return pairs.flatMap(({ current, prior }) => [current, prior]);
}
