import type { Config } from '../config/index.ts';
import type { Embedding } from '../embedding/index.ts';
import { SamepointError } from '../errors/index.ts';
import type { Affine } from '../geometry/index.ts';
import type { OpenModules } from '../composition/index.ts';
import type { VolumeModality, VolumeWarning } from '../volume/index.ts';
import { alignTarget, embedFiles, parseInput } from '../workbench/index.ts';
import type { FilesInput, SeriesInput, CliIo } from '../workbench/index.ts';
import type { Manifest } from '../model/index.ts';

/** What commands that register two series have in common. */
export interface PairCommand {
  readonly config: Config;
  readonly model?: string | undefined;
  /** Of NIfTI files: of the fixed and of the moving series, or one for both. */
  readonly modalities?: readonly VolumeModality[] | undefined;
  /** Folder of the cache; false: it is neither read nor written. */
  readonly cache?: string | false | undefined;
}

/** Two series in files. */
export interface FilePair {
  readonly fixed: FilesInput;
  readonly moving: FilesInput;
}

/** Two embedded series. */
export interface EmbeddedPair {
  readonly query: Embedding;
  readonly target: Embedding;
  readonly turn?: Affine | undefined;
  readonly model: Manifest;
  /** Of both series, and of how they lie against each other. */
  readonly warnings: readonly VolumeWarning[];
}

/** @throws SamepointError cli/unreadable-input */
export async function parsePair(
  fixedText: string,
  movingText: string,
  { modalities }: PairCommand,
): Promise<FilePair> {
  const [ofFixed, ofMoving = ofFixed] = modalities ?? [];
  return {
    fixed: inFiles(await parseInput(fixedText, ofFixed), fixedText),
    moving: inFiles(await parseInput(movingText, ofMoving), movingText),
  };
}

function inFiles(input: SeriesInput, text: string): FilesInput {
  if (input.kind !== 'pacs') return input;
  const reason = 'is a series of the PACS; this command needs the files of both series';
  throw new SamepointError('cli/unreadable-input', { input: text, reason });
}

/** Embeds both series and turns the moving one where its patient does not lie like that of the fixed one. */
export async function embedPair(
  { fixed, moving }: FilePair,
  command: PairCommand,
  open: OpenModules,
  io: CliIo,
): Promise<EmbeddedPair> {
  const { id, manifest } = open.models.get(command.model ?? command.config.models.default);
  const embedding = { open, model: id, io, useCache: command.cache !== false };
  const query = await embedFiles(fixed, embedding);
  const embedded = await embedFiles(moving, embedding);
  const { target, turn, warnings } = await alignTarget({ query, target: embedded }, open, io);
  const all = [...query.volume.warnings, ...embedded.volume.warnings, ...warnings];
  for (const { code, message } of all) io.stderr.write(`warning: ${message} [${code}]\n`);
  return { query, target, turn, model: manifest, warnings: all };
}
