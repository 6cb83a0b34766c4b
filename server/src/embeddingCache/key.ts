import { createHash } from 'node:crypto';
import { PREPROCESSING_VERSION } from '../preprocessing/index.ts';
import type { Affine } from '../geometry/index.ts';
import type { GraphManifest, Model } from '../model/index.ts';
import type { Embedding } from '../embedding/types.ts';

/** Version of the rules below; raised when the same inputs must give another key. */
const KEY_VERSION = 4;

/** Name of an embedding in the cache: 64 hexadecimal digits that say nothing about the patient. */
export type EmbeddingKey = string & { readonly embeddingKey: unique symbol };

/** What a key distinguishes: whose series it is, where it is, and which instances it has. */
export interface KeyedSeries {
  readonly studyInstanceUid: string;
  readonly seriesInstanceUid: string;
  /** Name of the PACS where there are several: what one of them grants, another one may refuse. */
  readonly source?: string | undefined;
  /** Stands for the patient as the PACS names them, see `patientDigest` of access/; absent where it names none. */
  readonly patient?: string;
  /** In any order. */
  readonly sopInstanceUids: Iterable<string>;
}

/**
 * Key of the embedding of a series: equal if and only if the same instances of the same series, study, patient and PACS go through
 * the same graphs in the same way. Depends on the set of SOP Instance UIDs (order and repetition do not matter), the model's
 * id, manifest and file hashes, and the version of the pre-processing. A series that gains an instance gets a new key. What the
 * instances hold is not known when the key is made: the embedding has digests of it (`SeriesOrigin`).
 */
export function embeddingKey(series: KeyedSeries, model: Model): EmbeddingKey {
  const { id, manifest } = model;
  const { studyInstanceUid, seriesInstanceUid, source, patient = null, sopInstanceUids } = series;
  const hash = createHash('sha256');
  const identity = [studyInstanceUid, seriesInstanceUid, patient, ...(source === undefined ? [] : [source])];
  hash.update(JSON.stringify([KEY_VERSION, PREPROCESSING_VERSION, id, numericPart(manifest), identity]));
  for (const uid of [...new Set(sopInstanceUids)].sort()) hash.update(`\n${uid}`);
  return hash.digest('hex') as EmbeddingKey;
}

/**
 * Key of the embedding of the same images in a turned world: never that of another turn, nor of a plain embedding, nor of other images
 * under the same UIDs.
 * @param turn LPS of the series to the LPS of the turned embedding
 */
export function turnedEmbeddingKey({ volume, origin }: Embedding, turn: Affine, model: Model): EmbeddingKey {
  const { id, manifest } = model;
  const { studyInstanceUid, seriesInstanceUid, dims, voxelToLps } = volume;
  const identity = [studyInstanceUid, seriesInstanceUid, dims, voxelToLps, origin ?? null];
  const hash = createHash('sha256');
  hash.update(
    JSON.stringify([KEY_VERSION, PREPROCESSING_VERSION, 'turned', turn, id, numericPart(manifest), identity]),
  );
  return hash.digest('hex') as EmbeddingKey;
}

/**
 * What changes numbers: titles, preference and progress costs do not. The weights of the roles do not change vectors, but
 * an embedding carries them, and one with old weights must not be served: they change with a model's release, if ever. The files of every
 * form count, not which of them ran: matches between embeddings of two forms are as those of one, and servers may share a cache.
 */
function numericPart({ input, graphs, forms, outputs, matching }: Model['manifest']): unknown {
  const made = forms?.map((form) => filesOf(form.graphs));
  return { input, files: filesOf(graphs), forms: made, outputs, weights: matching.weights };
}

function filesOf(graphs: readonly GraphManifest[]): unknown {
  return graphs.map(({ sha256, inputs, outputs: made, modalities }) => ({
    ...{ sha256, inputs, made },
    modalities,
  }));
}
