/**
 * The findings of a study, whoever wrote them: structured reports, segmentations, structure sets.
 * @module
 */
import { imagesOfFinding, placeFinding } from '../../findings/index.ts';
import type { PlaneOf, UnreadFindings } from '../../findings/index.ts';
import { patientOfStudy, requestOptions } from '../../access/index.ts';
import type { Caller } from '../../access/index.ts';
import { withoutCopies } from './copies.ts';
import { currentDocuments, currentFindings, timePointReports } from './current.ts';
import type { Sourced } from './current.ts';
import { readDocuments } from './documents.ts';
import type { DocumentParts } from './documents.ts';
import { planesOf } from './planes.ts';
import type { FindingList, FindingsRequest, ReportedFinding } from './types.ts';

/** Lists a page of the findings of a study. @throws SamepointError every error of `dicomweb/` */
export async function listFindings(
  { studyInstanceUid, offset, limit }: FindingsRequest,
  caller: Caller,
  parts: DocumentParts,
  signal?: AbortSignal,
): Promise<FindingList> {
  const options = requestOptions(caller, signal);
  const patient = await patientOfStudy(parts.source, studyInstanceUid, options);
  const { documents, counts } = await readDocuments(studyInstanceUid, patient, parts, options);
  const current = withoutCopies(currentDocuments(documents), documents);
  const all = currentFindings(current, documents);
  const page = all.slice(offset, offset + limit);
  const images = page.flatMap(({ finding }) => imagesOfFinding(finding));
  const planeOf = await planesOf(images, { studyInstanceUid, patient }, parts, options);
  const { findings, unplaced } = placed(page, planeOf);
  const unread = current.flatMap((document) => document.unread);
  const rejections = documents.filter(({ source }) => source === 'KO').length;
  return {
    findings,
    total: all.length + sumOf(unread),
    ...(offset + limit < all.length ? { next: offset + limit } : {}),
    unread: summed([...unread, ...unplaced]),
    reports: timePointReports(current).map(({ identity: { sopInstanceUid }, createdAt = '' }) => ({
      sopInstanceUid,
      createdAt,
    })),
    documents: { ...counts, read: current.length, replaced: documents.length - rejections - current.length },
  };
}

/** Into the patient; what cannot be placed is counted by its reason. */
function placed(
  page: readonly Sourced[],
  planeOf: PlaneOf,
): { readonly findings: readonly ReportedFinding[]; readonly unplaced: readonly UnreadFindings[] } {
  const findings: ReportedFinding[] = [];
  const unplaced: UnreadFindings[] = [];
  for (const { finding, document } of page) {
    const { source, identity, createdAt } = document;
    const result = placeFinding(finding, planeOf);
    if (!result.ok) {
      unplaced.push({ reason: result.reason, count: 1 });
      continue;
    }
    if (source === 'KO') continue;
    const { studyInstanceUid, seriesInstanceUid, sopInstanceUid } = identity;
    const from = { studyInstanceUid, seriesInstanceUid, sopInstanceUid, source };
    findings.push({
      ...result.finding,
      document: { ...from, ...(createdAt === undefined ? {} : { createdAt }) },
    });
  }
  return { findings, unplaced };
}

function sumOf(unread: readonly UnreadFindings[]): number {
  return unread.reduce((sum, { count }) => sum + count, 0);
}

/** Counts by reason, the most frequent first. */
function summed(unread: readonly UnreadFindings[]): FindingList['unread'] {
  const counts = new Map<string, number>();
  for (const { reason, count } of unread) counts.set(reason, (counts.get(reason) ?? 0) + count);
  const reasons = [...counts]
    .map(([reason, count]) => ({ reason, count }))
    .sort((one, other) => other.count - one.count);
  return { count: sumOf(unread), reasons };
}
