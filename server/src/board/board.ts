/**
 * The queues of the workers as an administrator sees them: Bull Board, which shows how much waits, runs and has failed. It can change
 * nothing, and shows nothing of what a job holds, which is sealed. Its pages load nothing from another server.
 * @module
 */
import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import { ExpressAdapter } from '@bull-board/express';
import { Router } from 'express';
import type { RequestHandler } from 'express';
import helmet from 'helmet';
import { SamepointError } from '../errors/index.ts';
import { viewQueues } from '../work/index.ts';
import type { QueueSettings, WorkLogger } from '../work/index.ts';

/** The pages, and what is to be closed with the server. */
export interface Board {
  readonly router: Router;
  close(): Promise<void>;
}

const READING = ['GET', 'HEAD'];
/** Shown in the place of everything that a job holds. */
const SEALED = 'sealed';

/** The pages are scripts and styles of this server; they name a font of another one, which browsers must not request. */
const pageHeaders = (): RequestHandler =>
  helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        'default-src': ["'none'"],
        'script-src': ["'self'"],
        'style-src': ["'self'", "'unsafe-inline'"],
        'img-src': ["'self'", 'data:'],
        'font-src': ["'self'"],
        'connect-src': ["'self'"],
        'base-uri': ["'self'"],
        'form-action': ["'none'"],
        'frame-ancestors': ["'none'"],
      },
    },
    referrerPolicy: { policy: 'no-referrer' },
    strictTransportSecurity: false,
  });

/** Bull Board refuses changes in its pages only. @throws SamepointError `http/method-not-allowed` */
const onlyReading: RequestHandler = ({ method }, res, next) => {
  if (!READING.includes(method)) {
    res.set('Allow', READING.join(', '));
    throw new SamepointError('http/method-not-allowed', { method, allowed: READING });
  }
  next();
};

/**
 * Opens the pages of the queues.
 * @param path where the router lies, e.g. /samepoint/board
 */
export async function openBoard(settings: QueueSettings, path: string, logger: WorkLogger): Promise<Board> {
  const { queues, close } = await viewQueues(settings, logger);
  const pages = new ExpressAdapter();
  pages.setBasePath(path);
  createBullBoard({
    queues: queues.map((queue) => {
      const adapter = new BullMQAdapter(queue, { readOnlyMode: true, allowRetries: false });
      adapter.setFormatter('data', () => SEALED);
      adapter.setFormatter('returnValue', () => SEALED);
      return adapter;
    }),
    serverAdapter: pages,
    options: { uiConfig: { boardTitle: 'Samepoint', hideRedisDetails: true } },
  });
  const router = Router();
  // An app of Express, which Bull Board does not type.
  const served = pages.getRouter() as RequestHandler;
  router.use(pageHeaders(), onlyReading, served);
  return { router, close };
}
