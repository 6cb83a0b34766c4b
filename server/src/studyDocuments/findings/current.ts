/**
 * Which documents and findings of a study count now.
 * @module
 */
import type { DocumentFinding, FindingsDocument } from '../../findings/index.ts';

/** A finding and its document. */
export interface Sourced {
  readonly finding: DocumentFinding;
  readonly document: FindingsDocument;
}

/** Newest first; equal times in the order of their UIDs, so that two requests give one order. */
function byAge(one: FindingsDocument, other: FindingsDocument): number {
  const [a, b] = [one.createdAt ?? '', other.createdAt ?? ''];
  if (a !== b) return a < b ? 1 : -1;
  return one.identity.sopInstanceUid < other.identity.sopInstanceUid ? 1 : -1;
}

/**
 * Whether a document may replace another: not itself, and no newer one. Of two that were made within a second, the one that names the
 * other is the later one; where both do, the order of their UIDs decides.
 */
function mayReplace(one: FindingsDocument, other: FindingsDocument): boolean {
  if (one.identity.sopInstanceUid === other.identity.sopInstanceUid) return false;
  const [a, b] = [one.createdAt ?? '', other.createdAt ?? ''];
  if (a !== b) return a > b;
  return !other.replaces.includes(one.identity.sopInstanceUid) || byAge(one, other) < 0;
}

/** SOP Instance UIDs of documents that a rejection withdraws. */
function rejectedBy(documents: readonly FindingsDocument[]): ReadonlySet<string> {
  const rejections = documents.filter(({ source }) => source === 'KO');
  return new Set(rejections.flatMap(({ replaces }) => replaces));
}

/**
 * The documents that no other one replaces, newest first. A document cannot replace itself or a newer one: what claims to is an error
 * or an attack, and hides nothing.
 */
export function currentDocuments(documents: readonly FindingsDocument[]): readonly FindingsDocument[] {
  const sorted = [...documents].sort(byAge);
  const byUid = new Map(sorted.map((document) => [document.identity.sopInstanceUid, document]));
  const replaced = new Set(rejectedBy(documents));
  for (const document of sorted)
    for (const uid of document.replaces) {
      const other = byUid.get(uid);
      if (other !== undefined && mayReplace(document, other)) replaced.add(uid);
    }
  return sorted.filter(({ identity, source }) => source !== 'KO' && !replaced.has(identity.sopInstanceUid));
}

/**
 * Their findings. One that an older document of the same kind says as well, under the same Tracking Unique Identifier and of the same
 * study, is listed as the newest says. What reports of pairs say of a lesion counts until a report of a time point names the lesion,
 * also one that was replaced since: else a lesion that the reader has withdrawn would come back.
 */
export function currentFindings(
  current: readonly FindingsDocument[],
  documents: readonly FindingsDocument[] = current,
): readonly Sourced[] {
  const followed = followedSince(documents);
  const said = new Set<string>();
  return current.flatMap((document) => {
    const keyed = document.findings
      .filter(({ trackingUid }) => !isFollowed(followed, trackingUid, document))
      .map((finding) => ({ finding, key: keyOf(finding, document) }));
    const newest = keyed.filter(({ key }) => key === undefined || !said.has(key));
    for (const { key } of keyed) if (key !== undefined) said.add(key);
    return newest.map(({ finding }) => ({ finding, document }));
  });
}

/** When a report of a time point last named a lesion, by Tracking Unique Identifier. */
type Followed = ReadonlyMap<string, string>;

function followedSince(documents: readonly FindingsDocument[]): Followed {
  const followed = new Map<string, string>();
  for (const { createdAt = '', findings } of timePointReports(documents))
    for (const { trackingUid } of findings)
      if (trackingUid !== undefined && (followed.get(trackingUid) ?? '') < createdAt)
        followed.set(trackingUid, createdAt);
  return followed;
}

/** Whether a report of a time point says more of a lesion than a document of pairs, not older than it. */
function isFollowed(
  followed: Followed,
  trackingUid: string | undefined,
  { isOfPairs, createdAt = '' }: FindingsDocument,
): boolean {
  const since = followed.get(trackingUid ?? '');
  return isOfPairs === true && since !== undefined && since >= createdAt;
}

function keyOf(
  { trackingUid, shapes }: DocumentFinding,
  { source, identity }: FindingsDocument,
): string | undefined {
  if (trackingUid === undefined) return undefined;
  const study = shapes[0]?.space.image?.studyInstanceUid ?? identity.studyInstanceUid;
  return [source, study, trackingUid].join(' ');
}

/** Our reports of time points that no rejection withdraws, newest first; also those that were replaced. */
export function timePointReports(documents: readonly FindingsDocument[]): readonly FindingsDocument[] {
  const rejected = rejectedBy(documents);
  return documents
    .filter(({ timePoint, createdAt }) => timePoint !== undefined && createdAt !== undefined)
    .filter(({ identity }) => !rejected.has(identity.sopInstanceUid))
    .sort(byAge);
}
