import { Router } from 'express';
import { SamepointError } from '../errors/index.ts';
import { answerError } from './respond.ts';
import { addRetrieveRoutes } from './retrieve.ts';
import { addSearchRoutes } from './searchRoutes.ts';
import { addStoreRoutes } from './storeRoutes.ts';
import type { RouterContext } from './routerContext.ts';

/** The DICOMweb services of the archive. Everything that it does not know is a 404 of its own, not the viewer's page. */
export function createRouter(context: RouterContext): Router {
  const router = Router();
  addSearchRoutes(router, context);
  addRetrieveRoutes(router, context);
  addStoreRoutes(router, context);
  router.use(() => {
    throw new SamepointError('archive/not-found', { what: 'resource' });
  });
  router.use(answerError);
  return router;
}
