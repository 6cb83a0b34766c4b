/**
 * What the server's answers propose for the time points of a lesion.
 * @module
 */
import { carriedOverBy } from '../lesions/certainty.ts';
import { lesionSizesOf } from '../lesions/lesionSize.ts';
import { omit } from '../lesions/omit.ts';
import type { LesionSizes, Observation } from '../lesions/types.ts';
import type { Match } from '../wire.ts';
import type { TimePoints } from './timePoints.ts';

function sizesOf({ change, query, target }: Match, timePoints: TimePoints): LesionSizes | undefined {
  const [clickedAt, foundAt] = [query, target].map(({ studyInstanceUid }) =>
    timePoints.timeOf(studyInstanceUid),
  );
  if (change === undefined || clickedAt === undefined || foundAt === undefined) return undefined;
  // Without an order in time it cannot be said what the lesion was.
  if (clickedAt === '' || foundAt === '' || clickedAt === foundAt) return undefined;
  return lesionSizesOf(change, foundAt > clickedAt);
}

/**
 * The observation that a match proposes in the study of its target. A lesion that is gone, or has no counterpart, is proposed as
 * resolved; one outside of the scan as not covered.
 */
export function proposalOf(match: Match, timePoints: TimePoints): Observation {
  const { target, verdict, change } = match;
  const { studyInstanceUid, seriesInstanceUid } = target;
  const isGone = verdict === 'absent' || (verdict === 'matched' && change?.kind === 'gone');
  const found: Observation = {
    studyInstanceUid,
    series: { studyInstanceUid, seriesInstanceUid },
    status: isGone ? 'resolved' : 'present',
    place: target,
    review: 'proposed',
    carriedOver: carriedOverBy(match, sizesOf(match, timePoints)),
    isSaved: false,
  };
  if (verdict !== 'out-of-view') return found;
  // The target is only the nearest place inside of the scan.
  return { ...omit(found, 'place'), status: 'not-covered' };
}
