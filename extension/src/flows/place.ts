import { notices } from '../i18n/words.ts';
import { ViewerFailure } from '../client/failure.ts';
import { TOOL_NAME } from '../ids.ts';
import type { Placing } from '../lesions/lesionStore.ts';
import { observationOf } from '../lesions/review.ts';
import type { Observation } from '../lesions/types.ts';
import type { Viewport } from '../ohif.d.ts';
import { jumpTo } from '../viewer/jump.ts';
import type { Lps, SeriesPoint } from '../wire.ts';
import type { Context } from './context.ts';
import { guarded, reportFailure } from './reporting.ts';
import { placeAt } from './placeAt.ts';

/** The reader says where a lesion is in a study: by clicking the place, or by dragging its marker. */
export class Placer {
  readonly #context: Context;

  constructor(context: Context) {
    this.#context = context;
  }

  /** The next click gives the place of a lesion in a study; the tool is made active, so that the click reaches it. */
  start(placing: Placing): void {
    const { host, lesions } = this.#context;
    const lesion = lesions.lesion(placing.trackingUid);
    if (lesion === undefined || lesions.isLocked(placing.studyInstanceUid)) return;
    void guarded(this.#context, { subject: lesion.label }, () => {
      lesions.select(placing.trackingUid);
      lesions.setPlacing(placing);
      // What is placed, and what it is compared with.
      for (const { place } of lesion.observations) if (place !== undefined) jumpTo(host, place);
      host.runCommand('setToolActiveToolbar', { toolName: TOOL_NAME });
    });
  }

  stop(): void {
    if (this.#context.lesions.placing !== undefined) this.#context.lesions.setPlacing(undefined);
  }

  /** Sets the place of a lesion in a study to a point (LPS, mm) clicked or dropped in a viewport; never throws. */
  place({ trackingUid, studyInstanceUid }: Placing, viewport: Viewport, world: Lps): void {
    const { lesions, activity } = this.#context;
    const lesion = lesions.lesion(trackingUid);
    if (lesion === undefined) return;
    try {
      const place = this.#placeIn(studyInstanceUid, viewport, world);
      lesions.decide(trackingUid, placed(observationOf(lesion, studyInstanceUid), place));
      activity.mended(lesion.label);
    } catch (error) {
      // A marker that was dropped in the wrong place goes back to where the list says it is.
      lesions.setPlacing(lesions.placing);
      reportFailure(this.#context, { subject: lesion.label }, error);
    }
  }

  #placeIn(studyInstanceUid: string, viewport: Viewport, world: Lps): SeriesPoint {
    const { host, timePoints } = this.#context;
    const displaySets = host
      .displaySetsOf(viewport.id)
      .filter((displaySet) => displaySet.StudyInstanceUID === studyInstanceUid);
    const [displaySet] = displaySets;
    if (displaySet === undefined) {
      throw new ViewerFailure(
        'viewer/wrong-series',
        ...notices().failuresOf.wrongSeries(timePoints.titleOf(studyInstanceUid)),
      );
    }
    const seriesInstanceUid = displaySet.SeriesInstanceUID;
    return placeAt(host, viewport, { studyInstanceUid, seriesInstanceUid }, world);
  }
}

/** An observation at the place that the reader has set: the lesion is there, and diameters measured elsewhere are not its own. */
function placed(before: Observation | undefined, place: SeriesPoint): Observation {
  const { studyInstanceUid, seriesInstanceUid } = place;
  return {
    studyInstanceUid,
    series: { studyInstanceUid, seriesInstanceUid },
    status: 'present',
    place,
    review: before?.carriedOver === undefined ? 'accepted' : 'corrected',
    ...(before?.carriedOver === undefined ? {} : { carriedOver: before.carriedOver }),
    isSaved: false,
  };
}
