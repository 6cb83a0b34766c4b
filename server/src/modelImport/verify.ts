/**
 * The test run of an imported model: through the registry and the inference process of the server, on made-up volumes.
 * @module
 */
import { SamepointError } from '../errors/index.ts';
import { affineFromColumns } from '../geometry/index.ts';
import type { Volume, VolumeModality } from '../volume/types.ts';
import { createEmbedder } from '../embedding/index.ts';
import type { Manifest, OutputManifest } from '../model/index.ts';
import { loadModels } from '../model/index.ts';
import type { Embedding, EmbeddingMap } from '../embedding/types.ts';

/** Working voxels x, y, z: a multiple of every stride, twice the coarse one, quick to compute. */
const DIMS = [64, 64, 32] as const;
/** Half axes of the body in shares of the field of view. */
const BODY = [0.42, 0.32] as const;
const BONE_RADIUS = 0.06;
const [AIR, TISSUE, BONE] = [-1000, 40, 500] as const;

/** An oval of soft tissue with some texture around a bone, in air: HU; for MR, arbitrary units. */
function madeUpVolume(spacingMm: number, modality: VolumeModality): Volume {
  const [nx, ny, nz] = DIMS;
  const data = new Int16Array(nx * ny * nz);
  for (let index = 0; index < data.length; index += 1) {
    const x = (index % nx) / nx - 0.5;
    const y = (Math.floor(index / nx) % ny) / ny - 0.5;
    const isBody = (x / BODY[0]) ** 2 + (y / BODY[1]) ** 2 < 1;
    const tissue = Math.hypot(x, y) < BONE_RADIUS ? BONE : TISSUE + ((index * 31) % 23);
    data[index] = (isBody ? tissue : AIR) + (modality === 'MR' ? -AIR : 0);
  }
  return {
    dims: DIMS,
    data,
    voxelToLps: affineFromColumns([spacingMm, 0, 0], [0, spacingMm, 0], [0, 0, spacingMm], [0, 0, 0]),
    modality,
    slices: [],
    studyInstanceUid: '',
    seriesInstanceUid: '',
    frameOfReferenceUid: '',
    warnings: [],
  };
}

/**
 * Embeds a made-up volume of every modality with the model in `<directory>/<id>`.
 * @throws SamepointError embedding/*, or models/import-failed when a map has another size than the manifest says, a voxel of
 *   the body without direction, or the same direction everywhere.
 */
export async function verifyModel(
  directory: string,
  id: string,
  options: { readonly file: string; readonly threads: number; readonly signal?: AbortSignal | undefined },
): Promise<void> {
  const models = await loadModels(directory);
  const { manifest, modalities } = models.get(id);
  const embedder = createEmbedder({ models, threads: options.threads });
  try {
    for (const modality of modalities) {
      const volume = madeUpVolume(manifest.input.spacingMm, modality);
      const problem = problemWith(await embedder.embed(volume, id, { signal: options.signal }), manifest);
      if (problem !== undefined) {
        throw new SamepointError('models/import-failed', {
          file: options.file,
          problem: `${modality}: ${problem}`,
        });
      }
    }
  } finally {
    await embedder.close();
  }
}

/** An installed model: `<directory>/<id>`. */
export interface PlacedModel {
  readonly directory: string;
  readonly id: string;
}

/**
 * The mean cosine of the vectors of two models of one shape, by modality and map, at the voxels of a made-up body.
 * @throws SamepointError embedding/*; models/import-failed when their maps differ in size
 */
export async function compareModels(
  models: readonly [PlacedModel, PlacedModel],
  options: { readonly file: string; readonly threads: number; readonly signal?: AbortSignal | undefined },
): Promise<Record<string, Record<string, number>>> {
  const [one, other] = [
    await madeUpEmbeddings(models[0], options),
    await madeUpEmbeddings(models[1], options),
  ];
  const cosines: Record<string, Record<string, number>> = {};
  for (const [modality, embedding] of one) {
    const matching = other.get(modality);
    cosines[modality] = {};
    for (const map of embedding.maps) {
      const same = matching?.maps.find(({ role }) => role === map.role);
      if (same?.vectors.length !== map.vectors.length) {
        const problem = `${modality}: the ${map.role} maps of both models differ in size`;
        throw new SamepointError('models/import-failed', { file: options.file, problem });
      }
      cosines[modality][map.role] = meanCosine(map, same);
    }
  }
  return cosines;
}

async function madeUpEmbeddings(
  { directory, id }: PlacedModel,
  { threads, signal }: { readonly threads: number; readonly signal?: AbortSignal | undefined },
): Promise<ReadonlyMap<VolumeModality, Embedding>> {
  const models = await loadModels(directory);
  const { manifest, modalities } = models.get(id);
  const embedder = createEmbedder({ models, threads });
  const found = new Map<VolumeModality, Embedding>();
  try {
    for (const modality of modalities)
      found.set(
        modality,
        await embedder.embed(madeUpVolume(manifest.input.spacingMm, modality), id, { signal }),
      );
  } finally {
    await embedder.close();
  }
  return found;
}

/** Over the voxels where both have a vector. */
function meanCosine(one: EmbeddingMap, other: EmbeddingMap): number {
  const { channels, inverseNorms } = one;
  let [sum, count] = [0, 0];
  for (const [voxel, norm] of inverseNorms.entries()) {
    const otherNorm = other.inverseNorms[voxel] ?? 0;
    if (norm === 0 || otherNorm === 0) continue;
    let dot = 0;
    for (let at = voxel * channels; at < (voxel + 1) * channels; at += 1)
      dot += (one.vectors[at] ?? 0) * (other.vectors[at] ?? 0);
    sum += dot * norm * otherNorm;
    count += 1;
  }
  return sum / count;
}

function problemWith(embedding: Embedding, { outputs }: Manifest): string | undefined {
  for (const output of outputs) {
    const map = embedding.maps.find(({ role }) => role === output.role);
    if (map === undefined) return `there is no ${output.role} map`;
    const wanted = expectedDims(output).join(' x ');
    if (map.grid.dims.join(' x ') !== wanted) {
      return `the ${output.role} map is ${map.grid.dims.join(' x ')}, not ${wanted}`;
    }
    const inside = map.inverseNorms.map((norm, voxel) =>
      output.role === 'coarse' || embedding.bodyMask[voxel] === 1 ? norm : 1,
    );
    if (!inside.every((norm) => norm > 0 && norm < Infinity))
      return `the ${output.role} map has voxels without a vector`;
    const { vectors, channels } = map;
    if (vectors.every((component, index) => component === vectors[index % channels])) {
      return `the ${output.role} map is the same everywhere`;
    }
  }
  return undefined;
}

function expectedDims({ stride: [z, y, x] }: OutputManifest): readonly number[] {
  return [DIMS[0] / x, DIMS[1] / y, DIMS[2] / z];
}
