import { archiveErrors } from './archive.ts';
import { arrivalErrors } from './arrival.ts';
import { authErrors } from './auth.ts';
import { dicomwebErrors } from './dicomweb.ts';
import { embeddingErrors } from './embedding.ts';
import { httpErrors } from './http.ts';
import { landmarksErrors } from './landmarks.ts';
import { matchingErrors } from './matching.ts';
import { modelsErrors } from './models.ts';
import { queueErrors } from './queue.ts';
import { registerErrors } from './register.ts';
import { reportErrors } from './report.ts';
import { volumeErrors } from './volume.ts';

/** Every error that Samepoint raises on purpose. Closed: docs/errors.md is generated from it and tested against it. */
export const catalogue = {
  ...dicomwebErrors,
  ...volumeErrors,
  ...embeddingErrors,
  ...modelsErrors,
  ...matchingErrors,
  ...queueErrors,
  ...registerErrors,
  ...landmarksErrors,
  ...reportErrors,
  ...archiveErrors,
  ...httpErrors,
  ...authErrors,
  ...arrivalErrors,
} as const;

/** A code of the catalogue: `module/what-was-wrong`. */
export type ErrorCode = keyof typeof catalogue;

/** The facts that the given code carries. */
export type ErrorFields<C extends ErrorCode> = Parameters<(typeof catalogue)[C]['message']>[0];
