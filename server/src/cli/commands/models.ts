import { join } from 'node:path';
import { SAMEPOINT_ROOT } from '../../config/index.ts';
import type { Config } from '../../config/index.ts';
import { importModel } from '../../modelImport/index.ts';
import { loadModels } from '../../model/index.ts';
import type { PublishedKind } from '../../modelImport/index.ts';
import { printJson, progressLine } from '../io.ts';
import type { CliIo } from '../io.ts';
import { threadsOf } from '../../composition/index.ts';

/** Options of `samepoint models import`. */
export interface ImportCommand {
  readonly config: Config;
  readonly kind?: PublishedKind | undefined;
  /** Id of the model; its kind where absent. */
  readonly name?: string | undefined;
  readonly preference?: number | undefined;
  readonly force?: boolean | undefined;
}

/** They belong to the program, not to the configured models. */
const TEMPLATES = join(SAMEPOINT_ROOT, 'models/templates');

/** Makes a published checkpoint an installed model and says what was read and written. */
export async function importCheckpoint(file: string, command: ImportCommand, io: CliIo): Promise<void> {
  const { config, kind, name: id, preference, force: replace } = command;
  const line = progressLine(io);
  try {
    const report = await importModel({
      file,
      modelsDirectory: config.models.directory,
      templatesDirectory: TEMPLATES,
      kind,
      id,
      preference,
      replace,
      threads: threadsOf(config.embedding.threads),
      signal: io.signal,
      onProgress: line.show,
    });
    line.clear();
    printJson(io, report);
  } catch (error) {
    line.clear();
    throw error;
  }
}

/** Lists the installed models, the default one first, and those that cannot be used. */
export async function listModels(config: Config, io: CliIo): Promise<void> {
  const registry = await loadModels(config.models.directory);
  const standard = config.models.default ?? registry.models[0]?.id;
  printJson(io, {
    directory: config.models.directory,
    models: registry.models.map(({ id, title, version, kind, region, modalities, manifest }) => ({
      id,
      title,
      version,
      kind,
      region,
      modalities,
      preference: manifest.preference,
      default: id === standard,
    })),
    failures: registry.failures.map(({ code, message }) => ({ code, message })),
  });
}
