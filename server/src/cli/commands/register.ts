import { openModules, VERSION } from '../../composition/index.ts';
import type { OpenModules } from '../../composition/index.ts';
import { SamepointError } from '../../errors/index.ts';
import type { Volume } from '../../volume/index.ts';
import {
  fieldFile,
  itkTransform,
  matrixOf,
  registeredDescription,
  registerPair,
  reportOf,
  warpedImage,
  warpedIntegers,
} from '../../warp/index.ts';
import type { Registration, StageName } from '../../warp/index.ts';
import { embedPair, parsePair } from '../embeddedPair.ts';
import type { EmbeddedPair, PairCommand } from '../embeddedPair.ts';
import type { FilesInput, CliIo } from '../../workbench/index.ts';
import { requireDicom, writeDerived } from '../derived.ts';
import { readAllVoxels, printJson, progressLine, warningLogger } from '../../workbench/index.ts';
import { openOutput } from '../outputFolder.ts';
import type { OutputFolder } from '../outputFolder.ts';

/** What `samepoint register` can write beside its report. */
export const REGISTER_OUTPUTS = ['matrix', 'field', 'inverse', 'warped'] as const;
export type RegisterOutput = (typeof REGISTER_OUTPUTS)[number];

/** Options of `samepoint register`. */
export interface RegisterCommand extends PairCommand {
  readonly stage: StageName;
  readonly out: string;
  readonly write: readonly RegisterOutput[];
  /** Writes the warped series as DICOM, too. */
  readonly dicom: boolean;
}

/** Registers two series and writes the results into a new folder; prints the report. */
export async function register(
  fixedText: string,
  movingText: string,
  command: RegisterCommand,
  io: CliIo,
): Promise<void> {
  const pair = await parsePair(fixedText, movingText, command);
  if (command.dicom) requireDicom(pair);
  const output = await openOutput(command.out);
  const open = await openModules(command.config, warningLogger(io), 'guest');
  try {
    const embedded = await embedPair(pair, command, open, io);
    const line = progressLine(io);
    line.show(0, 'Registering');
    const registration = registerPair({ ...embedded, stage: command.stage });
    line.show(0.5, 'Writing');
    const files = await writeResults(registration, { pair, embedded, command, open, output }, io);
    line.clear();
    const report = { ...reportOf(registration, embedded, VERSION), files };
    await output.text('report.json', `${JSON.stringify(report, null, 2)}\n`);
    printJson(io, report);
  } finally {
    await open.close();
  }
}

interface Work {
  readonly pair: { readonly fixed: FilesInput; readonly moving: FilesInput };
  readonly embedded: EmbeddedPair;
  readonly command: RegisterCommand;
  readonly open: OpenModules;
  readonly output: OutputFolder;
}

async function writeResults(
  { field, inverse }: Registration,
  work: Work,
  io: CliIo,
): Promise<readonly string[]> {
  const { pair, embedded, command, open, output } = work;
  const { signal } = io;
  const write: Readonly<Record<RegisterOutput, () => Promise<readonly string[]>>> = {
    matrix: async () => [
      await output.text('affine.json', matrixJson(embedded, matrixOf(field.affine))),
      await output.text('affine.tfm', itkTransform(field.affine)),
    ],
    field: async () => [
      await output.gzip('field.nii.gz', fieldFile(field, 'LPS mm, fixed to moving'), signal),
    ],
    inverse: async () => [
      await output.gzip('inverse-field.nii.gz', fieldFile(inverse, 'LPS mm, moving to fixed'), signal),
    ],
    warped: async () => {
      const moving = await readWhole(pair.moving, command, open, io);
      const parts = warpedImage(embedded.query.volume, moving, field);
      return [await output.gzip('warped.nii.gz', parts, signal)];
    },
  };
  const files: string[] = [];
  for (const name of REGISTER_OUTPUTS) if (command.write.includes(name)) files.push(...(await write[name]()));
  return command.dicom ? [...files, await writeWarpedSeries({ field }, work, io)] : files;
}

async function writeWarpedSeries(
  { field }: Pick<Registration, 'field'>,
  { pair, embedded, command, open, output }: Work,
  io: CliIo,
): Promise<string> {
  const moving = await readWhole(pair.moving, command, open, io);
  const description = registeredDescription(command.stage, VERSION);
  const slices = warpedIntegers(embedded.query.volume, moving, field);
  return await writeDerived(output, { pair, embedded, moving, field }, description, slices);
}

function matrixJson({ query, target }: EmbeddedPair, matrix: readonly (readonly number[])[]): string {
  const json = {
    description:
      'maps points of the fixed series to the moving one: homogeneous column vectors, patient LPS, mm',
    fixedFrameOfReferenceUid: query.volume.frameOfReferenceUid,
    movingFrameOfReferenceUid: target.volume.frameOfReferenceUid,
    matrix,
  };
  return `${JSON.stringify(json, null, 2)}\n`;
}

/**
 * All voxels of a series.
 * @param besideBytes voxels that are in memory already
 * @throws SamepointError register/too-large where they do not fit
 */
export async function readWhole(
  input: FilesInput,
  { config }: PairCommand,
  open: OpenModules,
  io: CliIo,
  besideBytes = 0,
): Promise<Volume> {
  const limitBytes = config.memory.maxBytes;
  return await readAllVoxels(input, open, io.signal, (bytes) => {
    const neededBytes = bytes + besideBytes;
    if (neededBytes > limitBytes)
      throw new SamepointError('register/too-large', {
        neededMib: mib(neededBytes),
        limitMib: mib(limitBytes),
      });
  });
}

function mib(bytes: number): number {
  return Math.ceil(bytes / 2 ** 20);
}
