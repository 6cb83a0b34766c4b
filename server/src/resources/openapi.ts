import { Router } from 'express';
import { methods } from '../exchange/index.ts';
import { createOpenapi } from './openapiDocument.ts';

/** This API, described. */
export function openapiRouter(apiPath: string, version: string): Router {
  const router = Router();
  // Made at the first request: most servers get none.
  let document: ReturnType<typeof createOpenapi> | undefined;
  methods(router, '/openapi.json', {
    get: (_req, res) => {
      document ??= createOpenapi(apiPath, version);
      res.json(document);
    },
  });
  return router;
}
