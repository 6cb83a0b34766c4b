import { stat } from 'node:fs/promises';
import { Router } from 'express';
import { SamepointError } from '../errors/index.ts';
import { methods } from '../exchange/index.ts';

async function isFile(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}

/**
 * The OHIF extension. Viewers load it with `import()`: it needs a JavaScript media type, and where it is missing a real
 * error. Browsers check each time whether it has changed (ETag), so that an update reaches every workstation at once.
 */
export function extensionFileRouter(file: string): Router {
  const router = Router();
  methods(router, '/extension.js', {
    get: async (_req, res) => {
      if (!(await isFile(file))) throw new SamepointError('http/extension-not-built', {});
      res.set('Cache-Control', 'no-cache').type('text/javascript');
      res.sendFile(file, { cacheControl: false, dotfiles: 'allow' });
    },
  });
  return router;
}
