/**
 * Where a model is made, and how it gets to its place: a failure stores nothing.
 * @module
 */
import { access, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { SamepointError } from '../errors/index.ts';

export const MANIFEST_FILE = 'model.json';

/** Where a model is to be. */
export interface ModelPlace {
  /** Folder with one folder per model. */
  readonly modelsDirectory: string;
  readonly id: string;
  /** Replace an installed model of this id. */
  readonly replace?: boolean | undefined;
}

/**
 * Refuses a place that is in use; a folder that holds no model is never replaced.
 * @throws SamepointError models/already-installed
 */
export async function assertFree({ modelsDirectory, id, replace = false }: ModelPlace): Promise<void> {
  const directory = join(modelsDirectory, id);
  const isReplaceable = replace && (await exists(join(directory, MANIFEST_FILE)));
  if (!isReplaceable && (await exists(directory))) {
    throw new SamepointError('models/already-installed', { directory });
  }
}

/**
 * Makes a model in a temporary folder beside the models, and moves it to its place when all of `make` has succeeded.
 * @param make gets the temporary folder of models, and the one of this model in it, which exists
 */
export async function installModel<T>(
  { modelsDirectory, id }: ModelPlace,
  make: (workshop: string, made: string) => Promise<T>,
): Promise<T> {
  await mkdir(modelsDirectory, { recursive: true });
  const workshop = await mkdtemp(join(modelsDirectory, '.importing-'));
  try {
    const made = join(workshop, id);
    await mkdir(made);
    const result = await make(workshop, made);
    await moveInto(made, join(modelsDirectory, id), join(workshop, 'replaced'));
    return result;
  } finally {
    await rm(workshop, { recursive: true, force: true });
  }
}

/** Moves a finished folder to its place; one that is there already goes, and comes back if the move fails. */
async function moveInto(from: string, to: string, aside: string): Promise<void> {
  const wasThere = await exists(to);
  if (wasThere) await rename(to, aside);
  try {
    await rename(from, to);
  } catch (error) {
    if (wasThere) await rename(aside, to);
    throw error;
  }
}

async function exists(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  );
}
