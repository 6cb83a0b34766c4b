import { notices } from '../i18n/words.ts';
import { ViewerFailure } from '../client/failure.ts';
import type { SideBySide } from '../hangingProtocol.ts';
import { hangSideBySide } from '../hangingProtocol.ts';
import type { Host } from '../viewer/host.ts';
import { loadedStudies } from '../viewer/series.ts';
import type { Context } from './context.ts';
import { guarded } from './reporting.ts';

/** How long the viewer may need to list the series of a study that it loads, ms. */
const LOADING_MS = 60_000;

/** Resolves when the viewer has loaded a study. @throws ViewerFailure when it does not in time */
async function untilLoaded(host: Host, studyInstanceUid: string, timeoutMs: number): Promise<void> {
  const { displaySetService } = host.services;
  const event = displaySetService.EVENTS.DISPLAY_SETS_ADDED;
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => {
      end();
      reject(notLoaded());
    }, timeoutMs);
    const look = (): void => {
      if (!loadedStudies(host).has(studyInstanceUid)) return;
      end();
      resolve();
    };
    const unsubscribe =
      event === undefined ? () => undefined : displaySetService.subscribe(event, look).unsubscribe;
    const end = (): void => {
      clearTimeout(timer);
      unsubscribe();
    };
    look();
  });
}

function notLoaded(): ViewerFailure {
  return new ViewerFailure('viewer/not-loaded', ...notices().failures.notLoaded, { mend: 'retry' });
}

/** Makes the viewer load a study, as its own study list does. */
async function load(host: Host, studyInstanceUid: string, timeoutMs: number): Promise<void> {
  if (loadedStudies(host).has(studyInstanceUid)) return;
  const series = host.dataSource?.retrieve?.series;
  if (typeof series?.metadata !== 'function') throw notLoaded();
  const loaded = untilLoaded(host, studyInstanceUid, timeoutMs);
  // The failure of either is the failure of both.
  await Promise.all([loaded, series.metadata({ StudyInstanceUID: studyInstanceUid })]);
}

/**
 * Shows a study beside the current one, without an empty pane, and loads it where the viewer has not; never throws.
 * @param sideBySide what the hanging protocol selects by
 */
export async function showStudy(
  context: Context,
  sideBySide: SideBySide,
  studyInstanceUid: string,
  timeoutMs: number = LOADING_MS,
): Promise<void> {
  const { host, timePoints } = context;
  const retry = (): void => void showStudy(context, sideBySide, studyInstanceUid, timeoutMs);
  const about = { subject: notices().subjects.show(timePoints.titleOf(studyInstanceUid)), retry };
  await guarded(context, about, async () => {
    await load(host, studyInstanceUid, timeoutMs);
    sideBySide.current = timePoints.current;
    sideBySide.other = studyInstanceUid;
    sideBySide.series = new Set(timePoints.list().flatMap(({ chosen }) => chosen ?? []));
    hangSideBySide(host, sideBySide);
  });
}
