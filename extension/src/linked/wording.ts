import type { Words } from '../i18n/words.ts';
import { radiusText } from '../lesions/certainty.ts';
import type { Following } from './linkedScroll.ts';
import type { Standing } from './standing.ts';

/** How a pane follows, for the image. */
export function followingText(following: Following, { linked }: Words): string {
  switch (following.kind) {
    case 'linked': {
      const { errorRadiusMm } = following;
      // Panes of one coordinate system have no error.
      const isKnown = errorRadiusMm !== undefined && errorRadiusMm > 0;
      return isKnown ? linked.within(radiusText(errorRadiusMm)) : linked.on;
    }
    case 'outside':
      return linked.off(linked.reasons.outside);
    default:
      return standingText(following, { linked });
  }
}

/** Why a map is not used, for the image. */
export function standingText(
  standing: Exclude<Standing, { readonly kind: 'linked' }>,
  { linked }: Pick<Words, 'linked'>,
): string {
  switch (standing.kind) {
    case 'working': {
      const { fraction } = standing;
      return fraction === undefined ? linked.working : linked.workingAt(Math.round(100 * fraction));
    }
    case 'unsure':
      return linked.off(linked.reasons.unsure);
    case 'off':
      return linked.off(linked.reasons[standing.reason]);
    case 'failed':
      return linked.off(standing.message);
  }
}
