import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import { isSamepointError, SamepointError, problemOf } from '../errors/index.ts';
import type { VolumeModality } from '../volume/types.ts';
import { manifestSchema } from './manifest.ts';
import type { Manifest } from './manifestShape.ts';

/** An installed, verified model. */
export interface Model {
  readonly id: string;
  readonly title: string;
  readonly version: string;
  readonly kind: Manifest['kind'];
  readonly region: string;
  readonly modalities: readonly VolumeModality[];
  readonly manifest: Manifest;
  /** Folder that holds model.json and the graphs. */
  readonly directory: string;
}

/** The models of a server. A model that could not be loaded does not stop the others; a request for it throws why. */
export interface ModelRegistry {
  /** Usable models, the default first. */
  readonly models: readonly Model[];
  /** Why the other folders could not be used. */
  readonly failures: readonly SamepointError[];
  /**
   * The model with this id, or the default one.
   * @throws SamepointError embedding/unknown-model, or the error that kept the model of this name from loading.
   */
  get(id?: string): Model;
}

const MANIFEST_FILE = 'model.json';
/** That of the largest model has 10 kB. */
const MAX_MANIFEST_BYTES = 1024 * 1024;

/**
 * Reads every `<directory>/<name>/model.json` and verifies the SHA-256 of its graphs.
 * Folders without model.json are no models. The folder name must be the model id.
 * @throws SamepointError embedding/models-unreadable when the directory cannot be listed.
 */
export async function loadModels(directory: string): Promise<ModelRegistry> {
  const names = await modelFolders(directory);
  const models: Model[] = [];
  const failures = new Map<string, SamepointError>();
  for (const name of names) {
    try {
      models.push(await loadModel(join(directory, name), name));
    } catch (error) {
      if (!isSamepointError(error)) throw error;
      failures.set(name, error);
    }
  }
  models.sort((a, b) => b.manifest.preference - a.manifest.preference || (a.id < b.id ? -1 : 1));
  return createRegistry(models, failures);
}

/** A registry of given models, the default first; failures by model id. */
export function createRegistry(
  models: readonly Model[],
  failures: ReadonlyMap<string, SamepointError> = new Map(),
): ModelRegistry {
  return {
    models,
    failures: [...failures.values()],
    get(id) {
      const found = id === undefined ? models[0] : models.find((model) => model.id === id);
      if (found !== undefined) return found;
      const failure = id === undefined ? undefined : failures.get(id);
      if (failure !== undefined) throw failure;
      throw new SamepointError('embedding/unknown-model', {
        model: id ?? '(default)',
        available: models.map((model) => model.id),
      });
    },
  };
}

async function modelFolders(directory: string): Promise<string[]> {
  try {
    const entries = await readdir(directory, { withFileTypes: true });
    const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
    const isModel = await Promise.all(
      folders.map(async (name) => (await readdir(join(directory, name))).includes(MANIFEST_FILE)),
    );
    return folders.filter((_, index) => isModel[index]).sort();
  } catch (cause) {
    throw new SamepointError(
      'embedding/models-unreadable',
      { directory, problem: problemOf(cause) },
      { cause },
    );
  }
}

async function loadModel(directory: string, name: string): Promise<Model> {
  const manifest = await readManifest(join(directory, MANIFEST_FILE));
  if (manifest.id !== name) {
    const problems = [`id: is "${manifest.id}" but the folder is "${name}"; they must be equal`];
    throw new SamepointError('embedding/model-invalid', { file: join(directory, MANIFEST_FILE), problems });
  }
  const graphs = [manifest, ...(manifest.forms ?? [])].flatMap((form) => form.graphs);
  for (const graph of graphs) {
    const file = join(directory, graph.file);
    const found = await hashFile(file);
    if (found !== graph.sha256) {
      throw new SamepointError('embedding/model-corrupt', { file, expected: graph.sha256, found });
    }
  }
  const { id, title, version, kind, region } = manifest;
  const modalities = Object.keys(manifest.input.intensity) as VolumeModality[];
  return { id, title, version, kind, region, modalities, manifest, directory };
}

async function readManifest(file: string): Promise<Manifest> {
  let json: unknown;
  try {
    const { size } = await stat(file);
    if (size > MAX_MANIFEST_BYTES)
      throw new RangeError(`it has ${size} bytes, more than ${MAX_MANIFEST_BYTES}`);
    json = JSON.parse(await readFile(file, 'utf8'));
  } catch (cause) {
    throw new SamepointError('embedding/model-unreadable', { file, problem: problemOf(cause) }, { cause });
  }
  const parsed = manifestSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(
    ({ path, message }) => `${z.core.toDotPath(path) || '(top)'}: ${message}`,
  );
  throw new SamepointError('embedding/model-invalid', { file, problems });
}

async function hashFile(file: string): Promise<string> {
  const hash = createHash('sha256');
  try {
    await pipeline(createReadStream(file), hash);
  } catch (cause) {
    throw new SamepointError('embedding/model-unreadable', { file, problem: problemOf(cause) }, { cause });
  }
  return hash.digest('hex');
}
