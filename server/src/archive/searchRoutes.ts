/** QIDO-RS (PS3.18 10.6). */
import type { Request, Response, Router } from 'express';
import type { Candidate } from './attributes.ts';
import { instanceCandidate, seriesCandidate, studyCandidate } from './attributes.ts';
import type { Registry } from './registry.ts';
import { requireAcceptable, rootUrl, sendJson } from './respond.ts';
import type { RouterContext } from './routerContext.ts';
import { parseQuery, search } from './search.ts';

type Level = (registry: Registry, root: string, study?: string, series?: string) => readonly Candidate[];

const studies: Level = (registry, root) =>
  [...registry.studies].map(([uid, study]) => studyCandidate(root, uid, study));

const series: Level = (registry, root, study) =>
  [...registry.studies]
    .filter(([uid]) => study === undefined || uid === study)
    .flatMap(([studyUid, entries]) =>
      [...entries].map(([uid, instances]) => seriesCandidate(root, studyUid, uid, instances)),
    );

const instances: Level = (registry, root, study, seriesUid) =>
  (study === undefined ? [...registry.studies.keys()] : [study])
    .flatMap((uid) => registry.instances(uid, seriesUid))
    .map((entry) => instanceCandidate(root, entry));

/** Searches for studies, series and instances, at every place where PS3.18 Table 10.6.1-2 has one. */
export function addSearchRoutes(router: Router, { registry }: RouterContext): void {
  const answer =
    (level: Level) =>
    (request: Request<{ study?: string; series?: string }>, response: Response): void => {
      requireAcceptable(request, ['application/dicom+json', 'application/json']);
      const { study, series: seriesUid } = request.params;
      const query = parseQuery(request.query);
      sendJson(response, search(level(registry, rootUrl(request), study, seriesUid), query));
    };
  router.get('/studies', answer(studies));
  router.get('/series', answer(series));
  router.get('/studies/:study/series', answer(series));
  router.get('/instances', answer(instances));
  router.get('/studies/:study/instances', answer(instances));
  router.get('/studies/:study/series/:series/instances', answer(instances));
}
