import type { Reviewed } from '../lesions/review.ts';
import type { Lesion } from '../lesions/types.ts';
import type { Context } from './context.ts';

/**
 * The lesions in the order of the list: as the newest other study with findings names them, then the others as they came. So the order is
 * the same whenever the study is opened.
 */
export function listedLesions({
  lesions,
  timePoints,
}: Pick<Context, 'lesions' | 'timePoints'>): readonly Lesion[] {
  const [order = []] = timePoints
    .others()
    .map(({ studyInstanceUid }) => lesions.storedIn(studyInstanceUid))
    .filter((stored) => stored.length > 0);
  const places = new Map(order.map((trackingUid, place) => [trackingUid, place]));
  const placeOf = ({ trackingUid }: Lesion): number => places.get(trackingUid) ?? order.length;
  return [...lesions.lesions].sort((a, b) => placeOf(a) - placeOf(b));
}

/** The current study and the time points, for the order of the review. */
export function reviewedOf(timePoints: Context['timePoints']): Reviewed {
  return { study: timePoints.current, timePoints: timePoints.list() };
}
