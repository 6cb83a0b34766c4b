/**
 * What a viewer has stored again of our own reports of time points. Stock OHIF shows them as measurements of its own; its button saves these
 * under new Tracking Unique Identifiers: up to 3.11 beside our report, later in its place (Predecessor Documents Sequence).
 * @module
 */
import type { DocumentFinding, FindingsDocument } from '../../findings/index.ts';
import { timePointReports } from './current.ts';

/** Coordinates that were stored again differ by their rounding, pixels. */
const ROUNDING = 0.1;

/**
 * Documents that count, without what they repeat: while a report of ours counts, a copy of what any of ours said is not a finding of its own.
 * What replaces our report is of the lesion that our report names: it keeps its identity, its role and its status, until a
 * newer report of ours says what counts. So do its lesions without a place, which viewers do not show.
 */
export function withoutCopies(
  current: readonly FindingsDocument[],
  documents: readonly FindingsDocument[],
): readonly FindingsDocument[] {
  const reports = timePointReports(documents);
  if (reports.length === 0) return current;
  const ours = current.find(({ timePoint }) => timePoint !== undefined);
  return current.map((document) => {
    if (document.timePoint !== undefined || document.source !== 'SR') return document;
    const replaced = replacedBy(document, reports, ours);
    const isOutdated = ours !== undefined && (ours.createdAt ?? '') >= (document.createdAt ?? '');
    const findings = document.findings.flatMap((finding) => {
      const same = sameMark(finding, reports);
      if (same !== undefined) return ours === undefined ? [{ ...same, number: finding.number }] : [];
      const named = namesakeOf(finding, replaced);
      if (named === undefined) return [finding];
      return isOutdated ? [] : [{ ...finding, ...identityOf(named) }];
    });
    return { ...document, findings: [...findings, ...unseen(replaced, ours)] };
  });
}

/** Lesions of a replaced report that have no place: no viewer shows them, so that what it stores says nothing of them. */
function unseen(
  replaced: FindingsDocument | undefined,
  ours: FindingsDocument | undefined,
): readonly DocumentFinding[] {
  if (replaced === undefined || ours !== undefined) return [];
  return replaced.findings.filter(({ kind }) => kind === 'none');
}

/** The report of ours in whose place a document is; by way of others in between where none of ours counts. */
function replacedBy(
  { replaces }: FindingsDocument,
  reports: readonly FindingsDocument[],
  ours: FindingsDocument | undefined,
): FindingsDocument | undefined {
  const named = reports.find(({ identity }) => replaces.includes(identity.sopInstanceUid));
  return named ?? (ours === undefined && replaces.length > 0 ? reports[0] : undefined);
}

/** The newest finding of ours with the same name at the same place. */
function sameMark(
  finding: DocumentFinding,
  reports: readonly FindingsDocument[],
): DocumentFinding | undefined {
  for (const report of reports) {
    const own = report.findings.find((each) => isSameMark(each, finding));
    if (own !== undefined) return own;
  }
  return undefined;
}

function isSameMark(one: DocumentFinding, other: DocumentFinding): boolean {
  if (one.comment === undefined || one.comment !== other.comment || one.kind !== other.kind) return false;
  return (
    one.shapes.length > 0 &&
    one.shapes.length === other.shapes.length &&
    one.shapes.every((shape, index) => isSameShape(shape, other.shapes[index]))
  );
}

type Shape = DocumentFinding['shapes'][number];

function isSameShape(one: Shape, other: Shape | undefined): boolean {
  const [uid, otherUid] = [one, other].map((shape) => shape?.space.image?.sopInstanceUid);
  if (uid === undefined || uid !== otherUid) return false;
  const [numbers, others] = [one, other].map((shape) => [shape?.box, shape?.axes].flat(3));
  return (
    numbers?.length === others?.length &&
    numbers?.every((number, index) => Math.abs((number ?? NaN) - (others?.[index] ?? NaN)) <= ROUNDING) ===
      true
  );
}

/** The only finding of a report with the name of another, which was moved or measured anew. */
function namesakeOf(
  { comment }: DocumentFinding,
  report: FindingsDocument | undefined,
): DocumentFinding | undefined {
  if (comment === undefined) return undefined;
  const [own, ...others] = (report?.findings ?? []).filter((each) => each.comment === comment);
  return others.length === 0 ? own : undefined;
}

/** What stays of a lesion wherever it is and however large. */
function identityOf(own: DocumentFinding): Partial<DocumentFinding> {
  const { trackingUid, label, finding, sites, role, status } = own;
  return {
    ...{ label, sites },
    ...(trackingUid === undefined ? {} : { trackingUid }),
    ...(finding === undefined ? {} : { finding }),
    ...(role === undefined ? {} : { role }),
    ...(status === undefined ? {} : { status }),
  };
}
