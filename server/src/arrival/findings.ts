/**
 * The findings of an earlier study, looked for in a new one before a reader opens it. The answers are those of the requests that the
 * viewer will make: the same points, the same series.
 * @module
 */
import type { Caller } from '../access/index.ts';
import type { FindingList } from '../studyDocuments/index.ts';
import type { Samepoint } from '../application/index.ts';
import type { SeriesRef } from '../dicomweb/index.ts';
import type { Axes, QueryPoint } from '../matching/index.ts';

type Finding = FindingList['findings'][number];

/** Findings of a report that are looked for: those of a long follow-up. */
const MAX_FINDINGS = 200;
/** Points of one request, few enough to be answered at once. */
const POINTS_AT_ONCE = 25;

/** An earlier study, and the new one. */
export interface Pair {
  /** The series of the earlier study that is compared. */
  readonly query: SeriesRef;
  readonly target: SeriesRef;
}

/** The ends of diameters, as the viewer sends them. */
function axesOf({ longAxis, shortAxis }: Finding): Axes | undefined {
  if (longAxis?.ends === undefined || longAxis.mm <= 0) return undefined;
  const hasShort = shortAxis?.ends !== undefined && shortAxis.mm > 0;
  return { longAxis: longAxis.ends, ...(hasShort ? { shortAxis: shortAxis.ends } : {}) };
}

function pointOf(finding: Finding): QueryPoint | undefined {
  const { lps, frameOfReferenceUid, number, document } = finding;
  if (lps === undefined || frameOfReferenceUid === undefined) return undefined;
  const axes = axesOf(finding);
  const id = `${document.sopInstanceUid} ${number}`;
  return { id, lps, frameOfReferenceUid, ...(axes === undefined ? {} : { axes }) };
}

/**
 * Looks for the findings of an earlier study in a new one, both embedded; nothing is proposed to anybody here.
 * @returns how many places were found
 * @throws SamepointError every error of `dicomweb/`
 */
export async function carryFindings(
  samepoint: Pick<Samepoint, 'listFindings' | 'planMatch'>,
  { query, target }: Pair,
  caller: Caller,
  signal: AbortSignal,
): Promise<number> {
  const { studyInstanceUid, source } = query;
  const request = { studyInstanceUid, source, offset: 0, limit: MAX_FINDINGS };
  const { findings } = await samepoint.listFindings(request, caller, signal);
  const points = findings.flatMap((finding) => pointOf(finding) ?? []);
  let found = 0;
  for (let start = 0; start < points.length; start += POINTS_AT_ONCE) {
    const some = points.slice(start, start + POINTS_AT_ONCE);
    const wanted = { query, targets: [target], points: some, isPrecomputed: true };
    const plan = await samepoint.planMatch(wanted, caller, signal);
    // An embedding that has gone again is made for a reader only.
    if (!plan.ready) return found;
    const { matches } = await plan.run({ signal });
    found += matches.filter(({ ok }) => ok).length;
  }
  return found;
}
