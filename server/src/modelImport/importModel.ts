/**
 * `samepoint models import`: a published checkpoint becomes an installed model, without Python
 * (docs/decisions/007-import-without-python.md).
 * @module
 */
import { createHash } from 'node:crypto';
import { open, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isSamepointError, SamepointError, problemOf } from '../errors/index.ts';
import { manifestSchema } from '../model/index.ts';
import { openCheckpoint } from './checkpoint.ts';
import type { Checkpoint } from './checkpoint.ts';
import { foldNorm, foldPlain } from './fold.ts';
import type { FoldedLayer } from './fold.ts';
import { checkTensors, kindOf } from './identify.ts';
import { withInitialisers } from './onnxFile.ts';
import type { Initialiser } from './onnxFile.ts';
import { assertFree, installModel, MANIFEST_FILE } from './place.ts';
import { foldedShape, layerKeys, readTemplate } from './template.ts';
import type { Layer, PublishedKind, Template } from './template.ts';
import { assertPublishedForm } from './trained.ts';
import { verifyModel } from './verify.ts';

/** What to import, and how. */
export interface ImportRequest {
  /** The .pth file. */
  readonly file: string;
  /** Folder with one folder per model. */
  readonly modelsDirectory: string;
  /** Folder with one template per kind, models/templates. */
  readonly templatesDirectory: string;
  /** The kind; read from the name and the keys of the file where absent. */
  readonly kind?: PublishedKind | undefined;
  /** Id of the model; its kind where absent. */
  readonly id?: string | undefined;
  /** The model with the highest preference is the default; that of the template where absent. */
  readonly preference?: number | undefined;
  /** Replace an installed model of this id. */
  readonly replace?: boolean | undefined;
  /** Threads of the test run. */
  readonly threads: number;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((fraction: number, message: string) => void) | undefined;
}

/** What was installed. */
export interface ImportReport {
  readonly id: string;
  readonly kind: PublishedKind;
  readonly directory: string;
  readonly preference: number;
  /** Tensors that were read and checked. */
  readonly tensors: number;
  /** What else the checkpoint holds; not used. */
  readonly ignored: readonly string[];
  readonly files: readonly { readonly file: string; readonly bytes: number }[];
}

/** Share of the time for reading and writing; the rest is the test run. */
const WRITING_SHARE = 0.6;

/**
 * Imports a checkpoint. Everything is made in a temporary folder beside the models and moved when it has passed its test run:
 * a failure stores nothing.
 * @throws SamepointError models/*, embedding/*; the signal's reason.
 */
export async function importModel(request: ImportRequest): Promise<ImportReport> {
  const checkpoint = await openCheckpoint(request.file);
  try {
    return await importOpen(checkpoint, request);
  } catch (cause) {
    request.signal?.throwIfAborted();
    if (isSamepointError(cause)) throw cause;
    const fields = { file: request.file, problem: problemOf(cause) };
    throw new SamepointError('models/import-failed', fields, { cause });
  } finally {
    await checkpoint.close();
  }
}

async function importOpen(checkpoint: Checkpoint, request: ImportRequest): Promise<ImportReport> {
  const { file, modelsDirectory, templatesDirectory, replace } = request;
  const kind = request.kind ?? checkpoint.training?.kind ?? kindOf(file, checkpoint.tensors.keys());
  assertPublishedForm(file, checkpoint.training);
  const template = await readTemplate(templatesDirectory, kind);
  const id = request.id ?? template.manifest.id;
  const place = { modelsDirectory, id, replace };
  await assertFree(place);
  checkTensors(file, kind, checkpoint, template.layers);
  return await installModel(place, async (workshop, made) => {
    const graphs = await writeGraphs(checkpoint, template, join(templatesDirectory, kind), made, request);
    const manifest = manifestOf(titled(template, checkpoint, kind), id, graphs, request);
    await writeFile(join(made, MANIFEST_FILE), `${JSON.stringify(manifest, null, 2)}\n`);
    request.onProgress?.(WRITING_SHARE, 'Testing the model');
    await verifyModel(workshop, id, request);
    return {
      id,
      kind,
      directory: join(modelsDirectory, id),
      preference: manifest.preference,
      tensors: checkpoint.tensors.size,
      ignored: checkpoint.ignored,
      files: graphs.map(({ file: name, bytes }) => ({ file: name, bytes })),
    };
  });
}

interface WrittenGraph {
  readonly file: string;
  readonly sha256: string;
  readonly bytes: number;
}

/** One graph after the other, so that the weights of one are in memory at a time. Layers that no graph uses are read too. */
async function writeGraphs(
  checkpoint: Checkpoint,
  { manifest, layers }: Template,
  templateDirectory: string,
  directory: string,
  { file, signal, onProgress }: ImportRequest,
): Promise<WrittenGraph[]> {
  const written: WrittenGraph[] = [];
  let read = 0;
  const initialisersOf = async (graph: string | null): Promise<Initialiser[]> => {
    const initialisers: Initialiser[] = [];
    for (const layer of layers.filter((item) => item.graph === graph)) {
      signal?.throwIfAborted();
      initialisers.push(...toInitialisers(layer, await foldLayer(checkpoint, layer, file)));
      read += 1;
      onProgress?.((WRITING_SHARE * read) / layers.length, 'Reading weights');
    }
    return initialisers;
  };
  await initialisersOf(null);
  for (const { file: name } of manifest.graphs) {
    const template = await readFile(join(templateDirectory, name));
    const parts = withInitialisers(template, await initialisersOf(name));
    written.push({ file: name, ...(await writeParts(join(directory, name), parts)) });
  }
  return written;
}

function toInitialisers({ name, shape }: Layer, { weight, bias }: FoldedLayer): Initialiser[] {
  return [
    { name: `${name}.weight`, dims: foldedShape(shape), values: weight },
    { name: `${name}.bias`, dims: [bias.length], values: bias },
  ];
}

async function foldLayer(checkpoint: Checkpoint, layer: Layer, file: string): Promise<FoldedLayer> {
  const keys = layerKeys(layer);
  const kernel = await checkpoint.read(keys.weight);
  if (!layer.norm) return foldPlain(kernel, layer.shape, await checkpoint.read(keys.bias));
  const folded = foldNorm(kernel, layer.shape, {
    weight: await checkpoint.read(keys.norm.weight),
    bias: await checkpoint.read(keys.norm.bias),
    mean: await checkpoint.read(keys.norm.mean),
    variance: await checkpoint.read(keys.norm.variance),
  });
  if ([folded.weight, folded.bias].every((values) => values.every(Number.isFinite))) return folded;
  const problem = 'is negative or so small that nothing finite comes out';
  throw new SamepointError('models/bad-weights', { file, key: keys.norm.variance, problem });
}

async function writeParts(
  path: string,
  parts: readonly Uint8Array[],
): Promise<{ readonly sha256: string; readonly bytes: number }> {
  const hash = createHash('sha256');
  const handle = await open(path, 'wx');
  let bytes = 0;
  try {
    for (const part of parts) {
      hash.update(part);
      bytes += part.length;
      await handle.writeFile(part);
    }
    await handle.sync();
  } finally {
    await handle.close();
  }
  return { sha256: hash.digest('hex'), bytes };
}

/** The template of weights that are not the published ones says so in its title. */
function titled(template: Template, { training }: Checkpoint, kind: PublishedKind): Template {
  const title = `${kind.toUpperCase()}, trained with samepoint-training`;
  return training === undefined ? template : { ...template, manifest: { ...template.manifest, title } };
}

function manifestOf(
  { manifest }: Template,
  id: string,
  graphs: readonly WrittenGraph[],
  { file, preference }: ImportRequest,
): { readonly preference: number } {
  const whole = {
    ...manifest,
    id,
    ...(preference === undefined ? {} : { preference }),
    graphs: manifest.graphs.map((graph, index) => ({ ...graph, sha256: graphs[index]?.sha256 })),
  };
  const parsed = manifestSchema.safeParse(whole);
  if (parsed.success) return parsed.data;
  const problem = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ');
  throw new SamepointError('models/import-failed', { file, problem });
}
