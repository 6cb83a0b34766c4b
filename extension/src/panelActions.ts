import { notices } from './i18n/words.ts';
import { ViewerFailure } from './client/failure.ts';
import type { Context } from './flows/context.ts';
import { guarded } from './flows/reporting.ts';
import type { Finder } from './flows/find.ts';
import type { Placer } from './flows/place.ts';
import type { Reviewer } from './flows/reviewer.ts';
import type { PanelActions } from './panel/model.ts';
import type { FusionCommand } from './viewer/viewCommands.ts';
import { jumpTo } from './viewer/jump.ts';

/** What the actions of the panel are made of. */
export interface ActionParts {
  readonly reviewer: Reviewer;
  readonly placer: Placer;
  readonly finder: Finder;
  /** Switches what is drawn over the panes. */
  readonly run: (command: FusionCommand) => void;
}

/** Shows a lesion at one time point, or at all that are on the screen; offers to show the one that is not. */
function goTo(context: Context, trackingUid: string, studyInstanceUid: string | undefined): void {
  const { host, lesions, timePoints, show } = context;
  const lesion = lesions.lesion(trackingUid);
  if (lesion === undefined) return;
  lesions.select(trackingUid);
  const retry = (): void => {
    if (studyInstanceUid !== undefined) show(studyInstanceUid);
  };
  void guarded(context, { subject: lesion.label, retry }, () => {
    const places = lesion.observations.flatMap((observation) => {
      const isAsked = studyInstanceUid === undefined || observation.studyInstanceUid === studyInstanceUid;
      return isAsked ? (observation.place ?? []) : [];
    });
    const shown = places.map((place) => jumpTo(host, place, { isCentred: true }));
    if (places.length === 0) throw noPlace();
    if (shown.some((count) => count > 0)) return;
    const { scan, failuresOf } = notices();
    const titles = scan.list(places.map((place) => timePoints.titleOf(place.studyInstanceUid)));
    throw new ViewerFailure('viewer/not-shown', ...failuresOf.notShown(titles), {
      mend: studyInstanceUid === undefined ? 'compare' : 'retry',
    });
  });
}

function noPlace(): ViewerFailure {
  return new ViewerFailure('viewer/no-place', ...notices().failures.noPlace);
}

type LesionActions = Pick<
  PanelActions,
  'run' | 'select' | 'rename' | 'setRole' | 'remove' | 'place' | 'stopPlacing'
>;

function lesionActions({ lesions, timePoints }: Context, { reviewer, placer }: ActionParts): LesionActions {
  return {
    run: (command) => {
      reviewer.run(command);
    },
    select: (trackingUid) => {
      reviewer.select(trackingUid);
    },
    rename: (trackingUid, label) => {
      lesions.rename(trackingUid, label, timePoints.current);
    },
    setRole: (trackingUid, role) => {
      lesions.setRole(trackingUid, role, timePoints.current);
    },
    remove: (trackingUid) => {
      lesions.remove(trackingUid);
    },
    place: (trackingUid, studyInstanceUid) => {
      placer.start({ trackingUid, studyInstanceUid });
    },
    stopPlacing: () => {
      placer.stop();
    },
  };
}

/** What the reader can do in the panel. */
export function panelActions(context: Context, parts: ActionParts): PanelActions {
  const { lesions, activity, timePoints } = context;
  return {
    ...lesionActions(context, parts),
    goTo: (trackingUid, studyInstanceUid) => {
      goTo(context, trackingUid, studyInstanceUid);
    },
    highlight: (trackingUid) => {
      lesions.highlight(trackingUid);
    },
    show: (studyInstanceUid) => {
      context.show(studyInstanceUid);
    },
    choose: (studyInstanceUid, seriesInstanceUid) => {
      timePoints.choose(studyInstanceUid, seriesInstanceUid);
    },
    compare: context.compare,
    fuse: parts.run,
    cancelSearch: (searchId) => {
      parts.finder.cancel(searchId);
    },
    dismissNotice: (noticeId) => {
      activity.removeNotice(noticeId);
    },
    mendNotice: (noticeId) => {
      const notice = activity.notices.find((candidate) => candidate.id === noticeId);
      activity.removeNotice(noticeId);
      notice?.mend?.run();
    },
    dismissSeriesWarnings: (seriesInstanceUid) => {
      activity.dismissSeriesWarnings(seriesInstanceUid);
    },
  };
}
