import { openModules, VERSION } from '../../composition/index.ts';
import { SamepointError } from '../../errors/index.ts';
import type { Volume } from '../../volume/index.ts';
import {
  BLANK,
  bodyOf,
  differenceFile,
  differenceSlices,
  registerPair,
  reportOf,
  warpedImage,
} from '../../warp/index.ts';
import type { Registration } from '../../warp/index.ts';
import { requireDicom, writeDerived } from '../derived.ts';
import { embedPair, parsePair } from '../embeddedPair.ts';
import type { EmbeddedPair, FilePair, PairCommand } from '../embeddedPair.ts';
import { printJson, progressLine, warningLogger } from '../../workbench/index.ts';
import type { CliIo } from '../../workbench/index.ts';
import { openOutput } from '../outputFolder.ts';
import type { OutputFolder } from '../outputFolder.ts';
import { readWhole } from './register.ts';

/** Options of `samepoint subtract`. */
export interface SubtractCommand extends PairCommand {
  readonly out: string;
  /** Blank where the error radius is larger, mm. */
  readonly limit: number;
  /** See `DifferenceRequest.toleranceMm`. */
  readonly tolerance: number;
  readonly dicom: boolean;
}

/** Says on every image what it is. */
const SERIES_DESCRIPTION = 'Computed difference, not for diagnosis';

/** Subtracts a prior series from a current one and writes the results into a new folder; prints the report. */
export async function subtract(
  currentText: string,
  priorText: string,
  command: SubtractCommand,
  io: CliIo,
): Promise<void> {
  const pair = await parsePair(currentText, priorText, command);
  if (command.dicom) requireDicom(pair);
  const output = await openOutput(command.out);
  const open = await openModules(command.config, warningLogger(io), 'guest');
  try {
    const embedded = await embedPair(pair, command, open, io);
    assertSameModality(embedded);
    const line = progressLine(io);
    line.show(0, 'Registering');
    const registration = registerPair({ ...embedded, stage: 'field' });
    line.show(0.5, 'Subtracting');
    const fixed = await readWhole(pair.fixed, command, open, io);
    const moving = await readWhole(pair.moving, command, open, io, fixed.data.byteLength);
    const written = await writeResults({ pair, embedded, registration, fixed, moving, command, output }, io);
    line.clear();
    const report = { ...reportOf(registration, embedded, VERSION), ...written };
    await output.text('report.json', `${JSON.stringify(report, null, 2)}\n`);
    printJson(io, report);
  } finally {
    await open.close();
  }
}

function assertSameModality({ query, target }: EmbeddedPair): void {
  const [fixed, moving] = [query.volume.modality, target.volume.modality];
  if (fixed !== moving) throw new SamepointError('register/other-modality', { fixed, moving });
}

interface Work {
  readonly pair: FilePair;
  readonly embedded: EmbeddedPair;
  readonly registration: Registration;
  readonly fixed: Volume;
  readonly moving: Volume;
  readonly command: SubtractCommand;
  readonly output: OutputFolder;
}

async function writeResults(work: Work, { signal }: CliIo): Promise<object> {
  const { embedded, registration, fixed, moving, command, output, pair } = work;
  const { field } = registration;
  const counts = { inBody: 0, blank: 0 };
  const slices: Int16Array[] = [];
  for (const { values, inBody, blank } of differencesOf(work)) {
    signal.throwIfAborted();
    slices.push(values);
    counts.inBody += inBody;
    counts.blank += blank;
  }
  const files = [
    await output.gzip('difference.nii.gz', differenceFile(fixed, slices), signal),
    await output.gzip('prior.nii.gz', warpedImage(fixed, moving, field), signal),
  ];
  if (command.dicom) {
    const description = {
      derivations: ['deformed', 'subtracted'],
      imageType: ['SUBTRACTION'],
      seriesDescription: SERIES_DESCRIPTION,
      derivationDescription: `Samepoint ${VERSION}: this series less a prior one deformed to lie on it; blank where unsure. Not for diagnosis.`,
      padding: BLANK,
      window: { center: 0, width: 400 },
    } as const;
    files.push(await writeDerived(output, { pair, embedded, moving, field }, description, slices));
  }
  return {
    limitMm: command.limit,
    toleranceMm: command.tolerance,
    blankValue: BLANK,
    blankShareOfBody: Number((counts.blank / Math.max(counts.inBody, 1)).toFixed(4)),
    files,
  };
}

function differencesOf({
  embedded,
  registration,
  fixed,
  moving,
  command,
}: Work): ReturnType<typeof differenceSlices> {
  const { field, result } = registration;
  return differenceSlices({
    fixed,
    moving,
    field,
    body: bodyOf(embedded.query),
    errorRadiusAt: result.errorRadiusAt,
    limitMm: command.limit,
    toleranceMm: command.tolerance,
  });
}
