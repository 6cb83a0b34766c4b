import { existsSync } from 'node:fs';
import { basename, extname, join } from 'node:path';
import express from 'express';
import type { RequestHandler, Router } from 'express';
import helmet from 'helmet';
import { SamepointError } from '../errors/index.ts';

/** A stock OHIF viewer. */
export interface ViewerOptions {
  /** `dist` of the npm package @ohif/app, as published. */
  readonly distDirectory: string;
  /** Source text that replaces the package's app-config.js. */
  readonly appConfig: string;
}

/** Names of files that hold a hash of their content may be kept for ever; a year is HTTP's way of saying so. */
const HASHED_FILE = /[.-][\da-f]{16,}\.(js|css|wasm|woff2)$|^[\da-f]{16}\.(wasm|woff2)$/;
const ONE_YEAR_S = 31_536_000;

/** The viewer is somebody else's page: its own inline scripts, WebAssembly and workers need a policy of its makers. */
const viewerHeaders = (): RequestHandler =>
  helmet({
    contentSecurityPolicy: false,
    crossOriginEmbedderPolicy: false,
    crossOriginOpenerPolicy: false,
    crossOriginResourcePolicy: false,
    strictTransportSecurity: false,
  });

/**
 * A route of the single-page viewer (/, /viewer, /segmentation, …), not a file: OHIF's own servers answer missing files
 * with the page and 200, which turns a missing module into "Unexpected token '<'".
 */
function isPage(path: string): boolean {
  return extname(path) === '';
}

/**
 * Serves a prebuilt viewer unchanged, with its configuration replaced.
 * @throws SamepointError `viewer/not-installed` when the folder holds no viewer.
 */
export function serveViewer({ distDirectory, appConfig }: ViewerOptions): Router {
  const indexFile = join(distDirectory, 'index.html');
  if (!existsSync(indexFile)) throw new SamepointError('viewer/not-installed', { directory: distDirectory });
  const router = express.Router();
  router.use(viewerHeaders());
  router.get('/app-config.js', (_req, res) => {
    res.set('Cache-Control', 'no-cache').type('text/javascript').send(appConfig);
  });
  router.use(
    express.static(distDirectory, {
      index: false,
      redirect: false,
      setHeaders: (res, path) => {
        const name = basename(path);
        const maxAge = HASHED_FILE.test(name) ? `public, max-age=${ONE_YEAR_S}, immutable` : 'no-cache';
        res.setHeader('Cache-Control', maxAge);
      },
    }),
  );
  router.get('/{*route}', (req, res, next) => {
    if (!isPage(req.path)) {
      next();
      return;
    }
    res.set('Cache-Control', 'no-cache');
    res.sendFile(indexFile, { cacheControl: false, dotfiles: 'allow' });
  });
  return router;
}
