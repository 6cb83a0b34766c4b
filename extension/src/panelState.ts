import { notices } from './i18n/words.ts';
import type { Fusion } from './fusion/fusion.ts';
import type { CarryOvers } from './flows/carryOver.ts';
import type { Context } from './flows/context.ts';
import { listedLesions, reviewedOf } from './flows/listed.ts';
import { radiusText } from './lesions/certainty.ts';
import { observationOf, reviewOrder } from './lesions/review.ts';
import type { Lesion } from './lesions/types.ts';
import type { PanelState } from './panel/model.ts';
import type { ReviewKeys, ViewKeys } from './viewer/hotkeys.ts';
import { loadedStudies } from './viewer/series.ts';

/** The studies whose lesions are for this screen: those of the patient, and those that the viewer shows. */
function studiesOf({ timePoints, host }: Context): ReadonlySet<string> {
  const own = timePoints.list().map(({ studyInstanceUid }) => studyInstanceUid);
  return new Set([...own, ...loadedStudies(host)]);
}

/** Gives what is true for a lesion of the patient that is open; those of another patient are not for this screen. */
export function lesionsOnScreen(context: Context): (lesion: Lesion) => boolean {
  const studies = studiesOf(context);
  return ({ observations }) => observations.some(({ studyInstanceUid }) => studies.has(studyInstanceUid));
}

/** The studies of the patient with something to save. */
export function studiesToSave(context: Context): readonly string[] {
  const studies = studiesOf(context);
  return context.lesions.unsavedStudies().filter((study) => studies.has(study));
}

/** What the panel shows beside the list. */
interface PanelParts {
  readonly carryOvers: CarryOvers;
  readonly keys: ReviewKeys;
  readonly viewKeys: ViewKeys;
  readonly fusion: Fusion;
}

/** Everything that the panel draws. */
export function panelState(context: Context, { carryOvers, keys, viewKeys, fusion }: PanelParts): PanelState {
  const { lesions, activity, timePoints } = context;
  const { current } = timePoints;
  const studies = studiesOf(context);
  const shown = listedLesions(context).filter(lesionsOnScreen(context));
  const points = timePoints.list();
  const others = points.filter(({ isCurrent }) => !isCurrent);
  return {
    currentStudy: current,
    timePoints: points,
    lesions: shown,
    review: { ...reviewOrder(shown, { study: current, timePoints: points }), selected: lesions.selected },
    carryOver: carryOvers.offer(),
    searches: activity.searches,
    notices: activity.notices,
    seriesWarnings: activity.seriesWarnings.filter(({ studyInstanceUid }) => studies.has(studyInstanceUid)),
    placing: lesions.placing?.trackingUid,
    highlighted: lesions.highlighted,
    isSaving: lesions.isSaving,
    unsaved: studiesToSave(context).reduce((sum, study) => sum + lesions.unsavedIn(study), 0),
    canUndo: lesions.canUndo && !lesions.isSaving,
    canCompare: others.length > 0 && !others.some(({ isShown }) => isShown),
    subtraction: { mode: fusion.mode, isPossible: fusion.canSubtract, keys: viewKeys.names },
    keys: keys.names,
  };
}

/** "3 of 9 · Lesion 4 · ± 1 mm": where the reader is in the review, for the image; '' outside of a review. */
export function reviewText(context: Context): string {
  const { lesions, timePoints } = context;
  const lesion = lesions.lesion(lesions.selected);
  const observation = observationOf(lesion, timePoints.current);
  if (lesion === undefined || observation === undefined) return '';
  const { order, total } = reviewOrder(listedLesions(context), reviewedOf(timePoints));
  const at = notices().marks.at(order.indexOf(lesion.trackingUid) + 1, total);
  const { carriedOver, review } = observation;
  const radius =
    carriedOver === undefined || review !== 'proposed' || observation.place === undefined
      ? ''
      : radiusText(carriedOver.provenance.errorRadiusMm);
  return [at, lesion.label, radius].filter((part) => part !== '').join(' · ');
}
