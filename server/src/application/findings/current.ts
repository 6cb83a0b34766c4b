/**
 * Which documents and findings of a study count now.
 * @module
 */
import type { DocumentFinding, FindingsDocument } from '../../report/index.ts';

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
 * The documents that no other one replaces, newest first. A document cannot replace itself or a newer one: what claims to is an error
 * or an attack, and hides nothing.
 */
export function currentDocuments(documents: readonly FindingsDocument[]): readonly FindingsDocument[] {
  const sorted = [...documents].sort(byAge);
  const rank = new Map(sorted.map(({ identity }, index) => [identity.sopInstanceUid, index]));
  const replaced = new Set<string>();
  for (const [index, { replaces, source }] of sorted.entries())
    for (const uid of replaces) if (source === 'KO' || (rank.get(uid) ?? -1) > index) replaced.add(uid);
  return sorted.filter(({ identity, source }) => source !== 'KO' && !replaced.has(identity.sopInstanceUid));
}

/**
 * Their findings. One that an older document of the same kind says as well, under the same Tracking Unique Identifier and of the same
 * study, is listed as the newest says.
 */
export function currentFindings(documents: readonly FindingsDocument[]): readonly Sourced[] {
  const said = new Set<string>();
  return documents.flatMap((document) => {
    const keyed = document.findings.map((finding) => ({ finding, key: keyOf(finding, document) }));
    const current = keyed.filter(({ key }) => key === undefined || !said.has(key));
    for (const { key } of keyed) if (key !== undefined) said.add(key);
    return current.map(({ finding }) => ({ finding, document }));
  });
}

function keyOf(
  { trackingUid, shapes }: DocumentFinding,
  { source, identity }: FindingsDocument,
): string | undefined {
  if (trackingUid === undefined) return undefined;
  const study = shapes[0].space.image?.studyInstanceUid ?? identity.studyInstanceUid;
  return [source, study, trackingUid].join(' ');
}
