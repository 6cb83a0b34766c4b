import type { RequestHandler, Router } from 'express';
import { SamepointError } from '../errors/index.ts';

type Method = 'get' | 'post' | 'delete';

/** Registers the handlers of one path, and 405 with the allowed methods for every other one. */
export function methods(
  router: Router,
  path: string,
  handlers: Readonly<Partial<Record<Method, RequestHandler>>>,
): void {
  const route = router.route(path);
  for (const [method, handler] of Object.entries(handlers)) route[method as Method](handler);
  const allowed = Object.keys(handlers).map((method) => method.toUpperCase());
  route.all((req, res) => {
    res.set('Allow', allowed.join(', '));
    throw new SamepointError('http/method-not-allowed', { method: req.method, allowed });
  });
}
