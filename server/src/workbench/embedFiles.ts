/**
 * Series in files, embedded once.
 * @module
 */
import { createHash } from 'node:crypto';
import type { OpenModules } from '../composition/index.ts';
import { embeddingKey } from '../embeddingCache/index.ts';
import type { Embedding } from '../embedding/index.ts';
import type { EmbeddingKey } from '../embeddingCache/index.ts';
import type { Model } from '../model/index.ts';
import { filesOf, readFiles } from './input.ts';
import type { FilesInput, OnPassedOver } from './input.ts';
import { progressLine } from './io.ts';
import type { CliIo } from './io.ts';

/** Stands where the key of a series of the PACS has its study: no UID, so that keys of both kinds never meet. */
const FILES = 'files';

/** What embedding files needs. */
export interface FilesEmbedding {
  readonly open: Pick<OpenModules, 'models' | 'embedder' | 'cache' | 'modules'>;
  /** Id of the model. */
  readonly model: string;
  readonly io: CliIo;
  /** False: the cache is neither read nor written. */
  readonly useCache?: boolean;
}

/**
 * The embedding of a series in files: from the cache, or made and kept there. It is found again by the content of the files, whatever
 * their names are.
 */
export async function embedFiles(
  input: FilesInput,
  { open, model, io, useCache = true }: FilesEmbedding,
): Promise<Embedding> {
  const passedOver = (file: string, reason: string): void => {
    io.stderr.write(`passed over: ${file}: ${reason}\n`);
  };
  const found = open.models.get(model);
  if (!useCache) return await embedNew(input, found, { open, io }, passedOver);
  const key = await keyOfFiles(input, found, passedOver);
  const kept = await open.cache.get(key);
  if (kept !== undefined) return kept;
  const made = await embedNew(input, found, { open, io }, () => undefined);
  const outcome = await open.cache.put(key, made);
  if (!outcome.stored) io.stderr.write(`warning: ${outcome.warning.message}\n`);
  return made;
}

async function embedNew(
  input: FilesInput,
  model: Model,
  { open, io }: Pick<FilesEmbedding, 'open' | 'io'>,
  onPassedOver: OnPassedOver,
): Promise<Embedding> {
  const line = progressLine(io);
  line.show(0, 'Reading');
  const reading = { sampling: model.manifest.input, signal: io.signal, onPassedOver };
  const volume = await readFiles(input, open, reading);
  const onProgress = ({ fraction }: { readonly fraction: number }): void => {
    line.show(fraction, 'Embedding');
  };
  const embedding = await open.embedder.embed(volume, model.id, { signal: io.signal, onProgress });
  line.clear();
  return embedding;
}

/** Names an embedding by digests of its files, the modality of a NIfTI file, and the model. */
async function keyOfFiles(
  input: FilesInput,
  model: Model,
  onPassedOver: OnPassedOver,
): Promise<EmbeddingKey> {
  const digests: string[] = [];
  for await (const bytes of filesOf(input, onPassedOver))
    digests.push(createHash('sha256').update(bytes).digest('hex'));
  const kind = input.kind === 'nifti' ? input.modality : 'DICOM';
  const series = `${kind} ${String(digests.length)}`;
  return embeddingKey(
    { studyInstanceUid: FILES, seriesInstanceUid: series, sopInstanceUids: digests },
    model,
  );
}
