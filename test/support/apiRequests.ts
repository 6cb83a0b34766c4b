/**
 * A valid request to every route of the API, for what must hold of each: access is decided by the PACS, and no input is too strange.
 * test/security/routes.test.ts compares them with the router.
 * @module
 */
import type { ConfirmedPair } from '../../server/src/report/index.ts';
import { STUDY } from '../../server/src/findings/testing/documents.ts';
import { CARRIED_OVER, lesion, unseen } from '../../server/src/report/timePoint/testing/lesions.ts';
import type { Lps, SeriesRef } from './api.ts';

/** What a route gives out. */
export type Gives =
  /** What is known without a login: the state of the server, the description of the API. */
  | 'public'
  /** Nothing: a PACS reports to the server, by a secret of its own. */
  | 'nothing'
  /** What the server has: models, names of PACS. */
  | 'settings'
  /** What is made of images: only to whom the PACS sends them. */
  | 'images'
  /** What the PACS lists or stores. */
  | 'objects'
  /** A job, to the caller that it belongs to. */
  | 'job';

/** A request. */
export interface ApiRequest {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** As the router has it. */
  readonly route: string;
  /** With its parameters, below the root of the API. */
  readonly path: string;
  readonly gives: Gives;
  readonly body?: object;
}

/** What the requests are about. */
export interface Subject {
  readonly query: SeriesRef;
  readonly target: SeriesRef;
  readonly lps: Lps;
  /** A confirmed pair of both series. */
  readonly pair: ConfirmedPair;
  /** A template of landmarks, as a server has made it. */
  readonly template: object;
  /** A job of the caller. */
  readonly job: string;
}

type Made = Omit<ApiRequest, 'method' | 'gives' | 'path'> & { readonly path?: string };

function requestsOf(
  method: ApiRequest['method'],
  gives: Gives,
  made: readonly Made[],
): readonly ApiRequest[] {
  return made.map((one) => ({ path: one.route, ...one, method, gives }));
}

/** What is computed of images. */
function ofImages({ query, target, lps, template }: Subject): readonly ApiRequest[] {
  const pair = { query, target };
  return requestsOf('POST', 'images', [
    { route: '/series-embeddings', body: query },
    {
      route: '/matches',
      body: {
        query,
        targets: [target],
        points: [{ id: 'a', lps, axes: { longAxis: [lps, [lps[0] + 4, lps[1], lps[2]]] } }],
        method: 'refined',
      },
    },
    { route: '/fields', body: pair },
    { route: '/pair-registrations', body: { ...pair, stage: 'affine', output: 'matrix' } },
    { route: '/similarities', body: { query: { ...query, lps }, target } },
    { route: '/landmark-templates', body: { series: query, landmarks: [{ name: 'carina', lps }] } },
    { route: '/landmarks', body: { series: query, templates: [template] } },
    { route: '/registrations', body: { ...pair, kind: 'affine' } },
  ]);
}

/** What is stored in the PACS, and listed. */
function ofObjects({ query, target, pair }: Subject): readonly ApiRequest[] {
  const { studyInstanceUid } = query;
  const study = new URLSearchParams({ studyInstanceUid });
  const both = new URLSearchParams({
    queryStudyInstanceUid: studyInstanceUid,
    querySeriesInstanceUid: query.seriesInstanceUid,
    targetStudyInstanceUid: target.studyInstanceUid,
    targetSeriesInstanceUid: target.seriesInstanceUid,
  });
  const timePoint = {
    studyInstanceUid: STUDY,
    timePoint: { name: '2026-03-02', type: 'baseline' },
    observations: [lesion({ carriedOver: CARRIED_OVER }), unseen()],
    basedOn: ['2.25.1'],
    assessment: { sumMm: 10, changeFromNadirPercent: 2, response: 'SD' },
  };
  return [
    ...requestsOf('POST', 'objects', [
      { route: '/reports', body: { pairs: [pair] } },
      { route: '/time-point-reports', body: timePoint },
    ]),
    ...requestsOf('GET', 'objects', [
      { route: '/reports', path: `/reports?${study}` },
      { route: '/findings', path: `/findings?${study}` },
      { route: '/priors', path: `/priors?${study}` },
      { route: '/registrations', path: `/registrations?${both}` },
    ]),
  ];
}

/** A valid request to each route. */
export function apiRequests(subject: Subject): readonly ApiRequest[] {
  const job = { route: '/jobs/:id', path: `/jobs/${subject.job}` };
  return [
    ...requestsOf('GET', 'public', [
      { route: '/health' },
      { route: '/health/live' },
      { route: '/health/ready' },
      { route: '/openapi.json' },
    ]),
    ...requestsOf('POST', 'nothing', [
      { route: '/arrivals', body: { studyInstanceUid: subject.query.studyInstanceUid } },
    ]),
    ...requestsOf('GET', 'settings', [{ route: '/models' }, { route: '/sources' }]),
    ...ofImages(subject),
    ...ofObjects(subject),
    ...requestsOf('GET', 'job', [job, { route: '/jobs/:id/events', path: `${job.path}/events` }]),
    ...requestsOf('DELETE', 'job', [job]),
  ];
}
