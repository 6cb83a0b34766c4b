/**
 * What commands for researchers share: series in files, embedded once, with one model.
 * @module
 */
import { readFile } from 'node:fs/promises';
import { openModules, VERSION } from '../composition/index.ts';
import type { OpenModules } from '../composition/index.ts';
import type { Config } from '../config/index.ts';
import { headerJson } from '../dicom/index.ts';
import type { DicomJson } from '../dicom/index.ts';
import type { Embedding } from '../embedding/index.ts';
import { SamepointError } from '../errors/index.ts';
import type { Model } from '../model/index.ts';
import { readPoints } from '../points/index.ts';
import type { NamedPoint } from '../points/index.ts';
import type { Volume, VolumeModality } from '../volume/index.ts';
import { embedFiles } from './embedFiles.ts';
import { filesOf, parseInput, readFiles } from './input.ts';
import type { FilesInput } from './input.ts';
import type { CliIo } from './io.ts';
import { RetrievedSeries } from './retrieved.ts';
import { warningLogger } from './warningLogger.ts';

/** Options that these commands share. */
export interface WorkbenchOptions {
  readonly config: Config;
  readonly model?: string | undefined;
  /** Of NIfTI files. */
  readonly modality?: VolumeModality | undefined;
  readonly useCache?: boolean;
}

/** An open model, and what reads and embeds series. */
export interface Workbench {
  readonly open: OpenModules;
  readonly model: Model;
  readonly io: CliIo;
  readonly version: string;
  /** The series that an argument names; one of the PACS is retrieved first. @throws SamepointError cli/unreadable-input */
  readonly series: (text: string) => Promise<FilesInput>;
  readonly embed: (input: FilesInput) => Promise<Embedding>;
  /** Every voxel. */
  readonly read: (input: FilesInput) => Promise<Volume>;
  readonly points: (file: string) => Promise<readonly NamedPoint[]>;
}

/** Opens the model, does the work, and closes everything. */
export async function withWorkbench<T>(
  { config, model, modality, useCache = true }: WorkbenchOptions,
  io: CliIo,
  work: (bench: Workbench) => Promise<T>,
): Promise<T> {
  const open = await openModules(config, warningLogger(io), 'guest');
  const retrieved = new RetrievedSeries(config, io);
  try {
    const found = open.models.get(model ?? config.models.default);
    return await work({
      open,
      model: found,
      io,
      version: VERSION,
      series: async (text) => {
        const input = await parseInput(text, modality);
        if (input.kind !== 'pacs') return input;
        return { kind: 'folder', path: await retrieved.folderOf(input.series) };
      },
      embed: (input) => embedFiles(input, { open, model: found.id, io, useCache }),
      read: (input) => readFiles(input, open, { signal: io.signal }),
      points: async (file) =>
        await readPoints(await readInput(file), file, (part10) => open.modules.readFindings(part10)),
    });
  } finally {
    await retrieved.remove();
    await open.close();
  }
}

/** The bytes of a file that an argument names. @throws SamepointError cli/unreadable-input */
export async function readInput(file: string): Promise<Uint8Array> {
  try {
    return await readFile(file);
  } catch (cause) {
    const reason = 'does not exist, or cannot be read';
    throw new SamepointError('cli/unreadable-input', { input: file, reason }, { cause });
  }
}

/** The header of an instance of a series of DICOM files: whose it is. @throws SamepointError cli/unreadable-input for NIfTI */
export async function headerOf(input: FilesInput): Promise<DicomJson> {
  if (input.kind === 'folder') for await (const part10 of filesOf(input)) return headerJson(part10);
  const reason = 'does not say whose images these are; DICOM objects are written of DICOM series only';
  throw new SamepointError('cli/unreadable-input', { input: input.path, reason });
}
