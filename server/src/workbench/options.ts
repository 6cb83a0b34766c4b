/**
 * Options that several commands have.
 * @module
 */
import { resolve } from 'node:path';
import { InvalidArgumentError, Option } from 'commander';
import type { Command } from 'commander';
import { loadConfig } from '../config/index.ts';
import type { Config } from '../config/index.ts';
import { VOLUME_MODALITIES } from '../volume/index.ts';
import type { VolumeModality } from '../volume/index.ts';
import type { CliIo } from './io.ts';
import type { WorkbenchOptions } from './workbench.ts';

/** Names the configuration file where --config is absent. */
const CONFIG_VARIABLE = 'SAMEPOINT_CONFIG';

/** A whole number, 0 or more. */
export function wholeNumber(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isInteger(value) || value < 0) {
    throw new InvalidArgumentError('must be a whole number.');
  }
  return value;
}

/** A number above 0. */
export function positiveNumber(text: string): number {
  const value = Number(text);
  if (!(value > 0) || !Number.isFinite(value)) throw new InvalidArgumentError('must be a positive number.');
  return value;
}

/** The values of an option that is given several times. */
export function collect(text: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), text];
}

/** The modalities of up to two NIfTI files. */
export function modalities(
  text: string,
  before: readonly VolumeModality[] | undefined,
): readonly VolumeModality[] {
  const found = VOLUME_MODALITIES.find((modality) => modality === text);
  if (found === undefined) throw new InvalidArgumentError(`must be ${VOLUME_MODALITIES.join(', ')}.`);
  if ((before ?? []).length > 1)
    throw new InvalidArgumentError('is given more than twice; there are two series.');
  return [...(before ?? []), found];
}

/** Options of every command. */
export interface ConfigOption {
  readonly config?: string;
}

/** The configuration of a command. */
export function configOf({ config }: ConfigOption, { env }: CliIo, needsPacs = true): Promise<Config> {
  const file = config ?? env[CONFIG_VARIABLE];
  return loadConfig({ env, needsPacs, ...(file === undefined || file === '' ? {} : { file }) });
}

/** Options of commands on files. */
export interface FilesOption extends ConfigOption {
  /** Folder of the cache; false without one. */
  readonly cache?: string | false;
}

/** For commands that may work on files only. */
export async function filesConfig(options: FilesOption, io: CliIo): Promise<Config> {
  const config = await configOf(options, io, false);
  if (typeof options.cache !== 'string') return config;
  return { ...config, embedding: { ...config.embedding, cacheDirectory: resolve(options.cache) } };
}

/** Options of commands on files: configuration and cache. */
export function withFilesOptions(command: Command): Command {
  return command
    .option('--cache <folder>', 'where embeddings are kept; embedding.cacheDirectory where absent')
    .option('--no-cache', 'embed files anew, and keep nothing of them')
    .option(CONFIG_FLAG, CONFIG_HELP);
}

export const CONFIG_FLAG = '-c, --config <file>';
export const CONFIG_HELP = `JSON configuration; ${CONFIG_VARIABLE} where absent`;
export const MODEL_HELP = 'model to use; the default one where absent';
export const MODALITY_FLAG = '--modality <name>';
export const SERIES_HELP =
  'folder of DICOM files, .nii or .nii.gz file, or <StudyInstanceUID>/<SeriesInstanceUID>';
export const FILES_SERIES_HELP = 'folder of DICOM files, or .nii or .nii.gz file';

/** The modality of NIfTI files. */
export function modalityOption(): Option {
  return new Option(MODALITY_FLAG, 'of NIfTI files; CT where absent').choices(VOLUME_MODALITIES);
}

/** Options of commands on series in files. */
export interface SeriesOptions extends FilesOption {
  readonly model?: string;
  readonly modality?: VolumeModality;
}

/** What the commands for researchers share, from their options. */
export async function workbenchOptions(options: SeriesOptions, io: CliIo): Promise<WorkbenchOptions> {
  const { model, modality, cache } = options;
  return { config: await filesConfig(options, io), model, modality, useCache: cache !== false };
}
