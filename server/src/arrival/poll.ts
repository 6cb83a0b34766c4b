/**
 * New studies found by searches (QIDO-RS). No attribute says when a study arrived: StudyDate says when it was made, and one that is sent
 * late has an old date. So a search looks at all studies from some days before the last search on, and what it did not find before, or
 * with fewer images, has arrived. After a long stop the next search begins where the last one was.
 * @module
 */
import { numberOf, stringOf, tagOf } from '../dicom/index.ts';
import type { DicomwebSource, RequestOptions } from '../dicomweb/index.ts';
import { searchPages } from '../priors/index.ts';
import { dayOf, daysBefore, earlier } from './days.ts';
import type { Day } from './days.ts';
import { withChange } from './pending.ts';
import type { ArrivalState, PendingStudy } from './state.ts';

/** Studies of one search that are looked at: those of some days in a large hospital. */
const MAX_STUDIES = 20_000;
const FIELDS = [tagOf('StudyDate'), tagOf('NumberOfStudyRelatedInstances')];

/** A study as a search lists it. */
export interface ListedStudy {
  readonly study: string;
  readonly day?: Day | undefined;
  readonly images?: number | undefined;
}

/** From which day on the next search looks. */
export function firstDay({ polledOn }: ArrivalState, nowMs: number, lookbackDays: number): Day {
  const today = dayOf(nowMs);
  return daysBefore(earlier(polledOn ?? today, today), lookbackDays);
}

/** The studies from a day on; those that a PACS lists beyond that are omitted. @throws SamepointError every error of `dicomweb/` */
export async function studiesSince(
  client: Pick<DicomwebSource, 'searchStudies'>,
  day: Day,
  options: RequestOptions,
): Promise<readonly ListedStudy[]> {
  const query = { StudyDate: `${day}-`, includefield: FIELDS };
  const search = (page: object): ReturnType<DicomwebSource['searchStudies']> =>
    client.searchStudies({ ...query, ...page }, options);
  const found = await searchPages(search, 'StudyInstanceUID', MAX_STUDIES);
  return found.flatMap((json) => {
    const study = stringOf(json, 'StudyInstanceUID');
    if (study === undefined) return [];
    const listed = {
      study,
      day: stringOf(json, 'StudyDate'),
      images: numberOf(json, 'NumberOfStudyRelatedInstances'),
    };
    return listed.day !== undefined && listed.day < day ? [] : [listed];
  });
}

function isNews(before: ArrivalState['seen'][string] | undefined, { images }: ListedStudy): boolean {
  return before === undefined || before.images !== images;
}

/** What a search has found, since which day, and when. */
export interface Search {
  readonly found: readonly ListedStudy[];
  readonly since: Day;
  readonly nowMs: number;
}

/**
 * What is known after a search. All that the very first one finds was there before, and is no arrival.
 * @returns the state, and how many studies have arrived or changed
 */
export function afterSearch(
  state: ArrivalState,
  { found, since, nowMs }: Search,
): { readonly state: ArrivalState; readonly news: number } {
  const isFirst = state.polledOn === undefined;
  const news = isFirst ? [] : found.filter((one) => isNews(state.seen[one.study], one));
  const seen = Object.fromEntries(
    found.map(({ study, day, images }) => [
      study,
      { ...(day === undefined ? {} : { day }), ...(images === undefined ? {} : { images }) },
    ]),
  );
  // A PACS that lists a part only must not make the rest new the next time.
  const before = Object.entries(state.seen).filter(([, { day }]) => day === undefined || day >= since);
  const pending = news.reduce<readonly PendingStudy[]>(
    (all, { study }) => withChange(all, { study, changedAtMs: nowMs }),
    state.pending,
  );
  return {
    state: {
      ...state,
      polledOn: dayOf(nowMs),
      seen: { ...Object.fromEntries(before), ...seen },
      pending: [...pending],
    },
    news: news.length,
  };
}
