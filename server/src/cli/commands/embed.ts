import type { Config } from '../../config/index.ts';
import type { Embedding } from '../../embedding/index.ts';
import { embedFiles, parseInput, printJson, progressLine, warningLogger } from '../../workbench/index.ts';
import type { CliIo } from '../../workbench/index.ts';
import { connect, openModules } from '../../composition/index.ts';
import type { VolumeModality } from '../../volume/index.ts';

/** Options of `samepoint embed`. */
export interface EmbedCommand {
  readonly config: Config;
  readonly model?: string | undefined;
  /** Of a NIfTI file. */
  readonly modality?: VolumeModality | undefined;
  /** Of files: false where they are embedded whatever the cache holds. */
  readonly useCache?: boolean;
}

function describe({ modelId, volume, maps }: Embedding): object {
  return {
    model: modelId,
    studyInstanceUid: volume.studyInstanceUid,
    seriesInstanceUid: volume.seriesInstanceUid,
    dims: volume.dims,
    maps: maps.map(({ role, channels, grid }) => ({ role, channels, dims: grid.dims })),
    warnings: volume.warnings,
  };
}

/** Computes the embedding of a series and says what came out; it is kept in the cache. */
export async function embed(
  text: string,
  { config, model, modality, useCache = true }: EmbedCommand,
  io: CliIo,
): Promise<void> {
  const input = await parseInput(text, modality);
  const open = await openModules(config, warningLogger(io), 'guest');
  try {
    const modelId = open.models.get(model ?? config.models.default).id;
    if (input.kind !== 'pacs') {
      printJson(io, describe(await embedFiles(input, { open, model: modelId, io, useCache })));
      return;
    }
    const { samepoint, caller } = connect(config, open, warningLogger(io));
    const plan = await samepoint.planEmbedding(input.series, modelId, caller, io.signal);
    const line = progressLine(io);
    const ready = await plan.run({
      signal: io.signal,
      onProgress: ({ fraction, message }) => {
        line.show(fraction, message);
      },
    });
    line.clear();
    printJson(io, ready);
  } finally {
    await open.close();
  }
}
