import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { problemOf } from '../errors/index.ts';
import type { GraphManifest } from '../model/index.ts';
import { hasExternalData } from '../onnx/index.ts';
import type { ModelReference } from '../preprocessing/types.ts';
import { InferenceFailure } from '../preprocessing/index.ts';

/** A graph of a model and its file. */
export interface GraphFile {
  readonly graph: GraphManifest;
  readonly bytes: Uint8Array;
}

/**
 * The graphs of a model, verified.
 * @throws InferenceFailure when a file changed since the model was loaded, or does not hold all of its graph.
 */
export async function readGraphs(model: ModelReference): Promise<readonly GraphFile[]> {
  return await Promise.all(
    model.manifest.graphs.map(async (graph) => ({ graph, bytes: await readGraph(model, graph) })),
  );
}

/** The bytes that were verified are the bytes that run. */
async function readGraph(model: ModelReference, graph: GraphManifest): Promise<Uint8Array> {
  const file = join(model.directory, graph.file);
  const bytes = await readFile(file).catch((cause: unknown) => {
    const problem = problemOf(cause);
    throw new InferenceFailure({ code: 'embedding/model-unreadable', fields: { file, problem } }, { cause });
  });
  const found = createHash('sha256').update(bytes).digest('hex');
  if (found !== graph.sha256) {
    const fields = { file, expected: graph.sha256, found };
    throw new InferenceFailure({ code: 'embedding/model-corrupt', fields });
  }
  if (hasExternalData(bytes)) {
    const problem = 'it keeps weights in another file, which its checksum does not cover';
    throw new InferenceFailure({ code: 'embedding/model-unreadable', fields: { file, problem } });
  }
  return bytes;
}
