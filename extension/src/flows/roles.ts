import type { Lesion, LesionRole } from '../lesions/types.ts';
import type { TimePoints } from './timePoints.ts';

/** Of a lesion of which no more is known. */
export const UNKNOWN_ROLE: LesionRole = 'not-followed';

/**
 * The role of a lesion that was marked in a study, from what the answers say of the earlier ones: it is new where none of them shows it, and
 * one at least would. The reader may choose another one.
 */
export function assumedRole(
  lesion: Lesion | undefined,
  studyInstanceUid: string,
  { timeOf }: { readonly timeOf: TimePoints['timeOf'] },
): LesionRole {
  const markedAt = timeOf(studyInstanceUid);
  const earlier = (lesion?.observations ?? []).filter((observation) => {
    const time = timeOf(observation.studyInstanceUid);
    return time !== '' && time < markedAt;
  });
  const isShown = earlier.some(({ status }) => status === 'present');
  const isGone = earlier.some(({ status }) => status === 'resolved');
  return isGone && !isShown ? 'new' : UNKNOWN_ROLE;
}
