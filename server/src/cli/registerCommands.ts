import { InvalidArgumentError, Option } from 'commander';
import type { Command } from 'commander';
import type { Config } from '../config/index.ts';
import type { VolumeModality } from '../volume/index.ts';
import { STAGES } from '../warp/index.ts';
import type { StageName } from '../warp/index.ts';
import { subtract } from './commands/subtract.ts';
import { register, REGISTER_OUTPUTS } from './commands/register.ts';
import type { RegisterOutput } from './commands/register.ts';
import type { CliIo, FilesOption } from '../workbench/index.ts';

/** What all commands on two series share, as program.ts has it. */
export interface PairOptions {
  readonly io: CliIo;
  readonly seriesHelp: string;
  /** Adds --model, --modality, --config and the options of the cache. */
  readonly addPairOptions: (command: Command) => Command;
  readonly configOf: (options: FilesOption) => Promise<Config>;
}

/** Options that {@link PairOptions.addPairOptions} adds. */
interface Common {
  readonly config?: string;
  readonly cache?: string | false;
  readonly model?: string;
  readonly modality?: readonly VolumeModality[];
}

function outputs(text: string): readonly RegisterOutput[] {
  return text.split(',').map((name) => {
    const found = REGISTER_OUTPUTS.find((output) => output === name.trim());
    if (found === undefined)
      throw new InvalidArgumentError(`must be some of ${REGISTER_OUTPUTS.join(',')}, separated by commas.`);
    return found;
  });
}

/** `samepoint register`. */
export function addRegister(
  program: Command,
  { io, seriesHelp, addPairOptions, configOf }: PairOptions,
): void {
  const command = program
    .command('register')
    .description(
      'register two series; writes transform, field, warped series and a report (docs/registration.md)',
    )
    .argument('<fixed>', seriesHelp)
    .argument('<moving>', 'the same, for the series that is moved')
    .requiredOption('-o, --out <folder>', 'a new or empty folder for the results')
    .addOption(new Option('--stage <name>', 'how to register').choices(STAGES).default('field'))
    .option('--write <names>', `some of ${REGISTER_OUTPUTS.join(',')}`, outputs, [
      'matrix',
      'field',
      'warped',
    ]);
  command.option('--dicom', 'write the moved series as a derived DICOM series, too', false);
  addPairOptions(command).action(
    async (
      fixed: string,
      moving: string,
      options: Common & {
        readonly out: string;
        readonly stage: StageName;
        readonly write: readonly RegisterOutput[];
        readonly dicom: boolean;
      },
    ) => {
      const { modality: modalities } = options;
      await register(fixed, moving, { ...options, config: await configOf(options), modalities }, io);
    },
  );
}

function millimetres(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= 0)) throw new InvalidArgumentError('must be a length in mm.');
  return value;
}

/** `samepoint subtract`. */
export function addSubtract(
  program: Command,
  { io, seriesHelp, addPairOptions, configOf }: PairOptions,
): void {
  const command = program
    .command('subtract')
    .description(
      'what is in the current series and not in the prior one: a computed difference, not for diagnosis',
    )
    .argument('<current>', seriesHelp)
    .argument('<prior>', 'the same, for the series that is subtracted')
    .requiredOption('-o, --out <folder>', 'a new or empty folder for the results')
    .option('--limit <mm>', 'blank where the error radius of the map is larger', millimetres, 8)
    .option('--tolerance <mm>', 'what the prior shows within this distance is no difference', millimetres, 2)
    .option('--dicom', 'write the difference as a derived DICOM series, too', false);
  addPairOptions(command).action(
    async (
      current: string,
      prior: string,
      options: Common & {
        readonly out: string;
        readonly limit: number;
        readonly tolerance: number;
        readonly dicom: boolean;
      },
    ) => {
      const { modality: modalities } = options;
      await subtract(current, prior, { ...options, config: await configOf(options), modalities }, io);
    },
  );
}
