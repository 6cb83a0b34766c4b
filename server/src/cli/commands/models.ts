import { join, resolve } from 'node:path';
import { SAMEPOINT_ROOT } from '../../config/index.ts';
import type { Config } from '../../config/index.ts';
import { importModel, quantiseModel } from '../../modelImport/index.ts';
import { loadModels } from '../../model/index.ts';
import type { PublishedKind } from '../../modelImport/index.ts';
import { SamepointError } from '../../errors/index.ts';
import { printJson, progressLine } from '../../workbench/index.ts';
import type { CliIo } from '../../workbench/index.ts';
import { threadsOf } from '../../composition/index.ts';

/** Options of `samepoint models import`. */
export interface ImportCommand {
  readonly config: Config;
  readonly kind?: PublishedKind | undefined;
  /** Id of the model; its kind where absent. */
  readonly name?: string | undefined;
  readonly preference?: number | undefined;
  readonly force?: boolean | undefined;
  /** Make an int8 form of it, too. */
  readonly int8?: boolean | undefined;
  /** Folders of NIfTI images, for the int8 form. */
  readonly images?: string | undefined;
  readonly mrImages?: string | undefined;
  /** Interpreter with PyTorch, for the int8 form. */
  readonly python?: string | undefined;
}

/** That of Debian, where PyTorch can be installed by apt. */
const PYTHON = '/usr/bin/python3';
const TRAINING = join(SAMEPOINT_ROOT, 'models/training');

/** They belong to the program, not to the configured models. */
const TEMPLATES = join(SAMEPOINT_ROOT, 'models/templates');

/** Makes a published checkpoint an installed model and says what was read and written. */
export async function importCheckpoint(file: string, command: ImportCommand, io: CliIo): Promise<void> {
  const { config, kind, name: id, preference, force: replace, images } = command;
  if (command.int8 === true && images === undefined) {
    const reason =
      'needs --images, a folder of CTs (NIfTI) from which the ranges of the activations are measured';
    throw new SamepointError('cli/unreadable-input', { input: '--int8', reason });
  }
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
    if (command.int8 !== true || images === undefined) {
      printJson(io, report);
      return;
    }
    line.show(1, 'Quantising');
    const int8 = await quantiseModel({
      ...{ file: resolve(file), kind: report.kind, reference: report.id, replace, signal: io.signal },
      modelsDirectory: config.models.directory,
      images: resolve(images),
      mrImages: command.mrImages === undefined ? undefined : resolve(command.mrImages),
      python: command.python ?? PYTHON,
      trainingDirectory: TRAINING,
      threads: threadsOf(config.embedding.threads),
    });
    line.clear();
    printJson(io, { ...report, int8 });
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
