import { join } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { loadConfig, printConfig, SAMEPOINT_ROOT } from '../config/index.ts';
import type { Config } from '../config/index.ts';
import { PUBLISHED_KINDS } from '../modelImport/index.ts';
import { MATCH_METHODS } from '../matching/index.ts';
import type { MatchMethod } from '../matching/index.ts';
import { demo } from './commands/demo.ts';
import { doctor } from './commands/doctor.ts';
import { embed } from './commands/embed.ts';
import type { EmbedCommand } from './commands/embed.ts';
import { match } from './commands/match.ts';
import { importCheckpoint, listModels } from './commands/models.ts';
import type { ImportCommand } from './commands/models.ts';
import { serve } from './commands/serve.ts';
import { EXIT, explainFailure } from './exit.ts';
import type { CliIo } from './io.ts';
import { VOLUME_MODALITIES } from '../volume/index.ts';
import type { VolumeModality } from '../volume/index.ts';
import { VERSION } from '../composition/index.ts';

/** Names the configuration file where --config is absent. */
const CONFIG_VARIABLE = 'SAMEPOINT_CONFIG';

function wholeNumber(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isInteger(value) || value < 0) {
    throw new InvalidArgumentError('must be a whole number.');
  }
  return value;
}

function positiveNumber(text: string): number {
  const value = Number(text);
  if (!(value > 0) || !Number.isFinite(value)) throw new InvalidArgumentError('must be a positive number.');
  return value;
}

function collect(text: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), text];
}

function modalities(text: string, before: readonly VolumeModality[] | undefined): readonly VolumeModality[] {
  const found = VOLUME_MODALITIES.find((modality) => modality === text);
  if (found === undefined) throw new InvalidArgumentError(`must be ${VOLUME_MODALITIES.join(', ')}.`);
  if ((before ?? []).length > 1)
    throw new InvalidArgumentError('is given more than twice; there are two series.');
  return [...(before ?? []), found];
}

interface ConfigOption {
  readonly config?: string;
}

function configOf({ config }: ConfigOption, { env }: CliIo, needsPacs = true): Promise<Config> {
  const file = config ?? env[CONFIG_VARIABLE];
  return loadConfig({ env, needsPacs, ...(file === undefined || file === '' ? {} : { file }) });
}

/** For commands that may work on files only. */
function filesConfig(options: ConfigOption, io: CliIo): Promise<Config> {
  return configOf(options, io, false);
}

const CONFIG_FLAG = '-c, --config <file>';
const CONFIG_HELP = `JSON configuration; ${CONFIG_VARIABLE} where absent`;
const MODEL_HELP = 'model to use; the default one where absent';
const MODALITY_FLAG = '--modality <name>';
const SERIES_HELP = 'folder of DICOM files, .nii or .nii.gz file, or <StudyInstanceUID>/<SeriesInstanceUID>';

function addServe(program: Command, io: CliIo): void {
  program
    .command('serve')
    .description('serve the API to viewers')
    .option(CONFIG_FLAG, CONFIG_HELP)
    .action(async (options: ConfigOption) => {
      await serve(await configOf(options, io), io);
    });
}

function addDemo(program: Command, io: CliIo): void {
  program
    .command('demo')
    .description('serve a stock OHIF viewer with Samepoint and a phantom patient')
    .option(CONFIG_FLAG, 'JSON configuration; config/server.demo.json where absent')
    .option('-p, --port <number>', 'port; the configured one where absent', wholeNumber)
    .option('--seed <number>', 'another seed is another patient', wholeNumber, 1)
    .option('--coarseness <factor>', 'voxel size relative to the full phantom', positiveNumber, 1)
    .option('--directory <folder>', 'where patient and embeddings are kept', join(SAMEPOINT_ROOT, '.demo'))
    .option('--viewer <version>', 'installed version of the viewer; the configured one where absent')
    .option('--no-open', 'do not open a browser')
    .action(async (options: Parameters<typeof demo>[0]) => {
      await demo(options, io);
    });
}

function addEmbed(program: Command, io: CliIo): void {
  program
    .command('embed')
    .description('compute the embedding of a series')
    .argument('<series>', SERIES_HELP)
    .option('-m, --model <id>', MODEL_HELP)
    .addOption(new Option(MODALITY_FLAG, 'of a NIfTI file; CT where absent').choices(VOLUME_MODALITIES))
    .option(CONFIG_FLAG, CONFIG_HELP)
    .action(async (series: string, options: ConfigOption & Pick<EmbedCommand, 'model' | 'modality'>) => {
      const { model, modality } = options;
      await embed(series, { config: await filesConfig(options, io), model, modality }, io);
    });
}

function addMatch(program: Command, io: CliIo): void {
  program
    .command('match')
    .description('find points of one series in another; prints JSON')
    .argument('<query>', SERIES_HELP)
    .argument('<target>', 'the same, for the series to search in')
    .requiredOption('-p, --point <x,y,z>', 'patient LPS in mm of the query series; repeatable', collect)
    .option('-m, --model <id>', MODEL_HELP)
    .addOption(
      new Option(MODALITY_FLAG, 'of NIfTI files: of both, or twice, for query and target; CT where absent')
        .choices(VOLUME_MODALITIES)
        .argParser(modalities),
    )
    .addOption(
      new Option('--method <name>', `how to match; ${MATCH_METHODS[0]} where absent`).choices(MATCH_METHODS),
    )
    .option(CONFIG_FLAG, CONFIG_HELP)
    .action(
      async (
        query: string,
        target: string,
        options: ConfigOption & {
          readonly model?: string;
          readonly method?: MatchMethod;
          readonly modality?: readonly VolumeModality[];
          readonly point: readonly string[];
        },
      ) => {
        const config = await filesConfig(options, io);
        const { model, method, modality, point: points } = options;
        await match(query, target, { config, model, method, modalities: modality, points }, io);
      },
    );
}

/** What the manifest allows: it becomes the name of a folder. */
const MODEL_ID = /^[a-z0-9][a-z0-9._-]{0,63}$/u;

function modelId(text: string): string {
  if (MODEL_ID.test(text)) return text;
  throw new InvalidArgumentError('must be lower case letters, digits, ".", "_", "-".');
}

function addModels(program: Command, io: CliIo): void {
  const models = program
    .command('models')
    .description('look at the installed models, and import published ones');
  models
    .command('list')
    .description('print the installed models as JSON, the preferred one first')
    .option(CONFIG_FLAG, CONFIG_HELP)
    .action(async (options: ConfigOption) => {
      await listModels(await filesConfig(options, io), io);
    });
  models
    .command('import')
    .description('install a checkpoint of SAM, UAE-S or UAE-M as published; nothing of the file is executed')
    .argument('<file>', 'SAM.pth, SAMv2_iter_20000.pth or CrossSAM_iter_20000_ct_mr_inter_1.pth')
    .addOption(
      new Option('--kind <kind>', 'what it is; read from the name of the file where absent').choices(
        PUBLISHED_KINDS,
      ),
    )
    .option('--name <id>', 'id of the model; its kind where absent', modelId)
    .option('--preference <number>', 'the model with the highest one is the default', wholeNumber)
    .option('--force', 'replace an installed model of this name')
    .option(CONFIG_FLAG, CONFIG_HELP)
    .action(async (file: string, options: ConfigOption & Omit<ImportCommand, 'config'>) => {
      await importCheckpoint(file, { ...options, config: await filesConfig(options, io) }, io);
    });
}

function addConfig(program: Command, io: CliIo): void {
  program
    .command('config')
    .description('look at the configuration')
    .command('check')
    .description('validate the configuration and print it, without secrets')
    .option(CONFIG_FLAG, CONFIG_HELP)
    .action(async (options: ConfigOption) => {
      io.stdout.write(`${printConfig(await configOf(options, io))}\n`);
    });
}

function addDoctor(program: Command, io: CliIo, report: (status: number) => void): void {
  program
    .command('doctor')
    .description('look whether the server can run here: configuration, PACS, folders, models, what runs them')
    .option(CONFIG_FLAG, CONFIG_HELP)
    .option('--json', 'print JSON')
    .option('--no-embed', 'do not measure the time for a chest')
    .action(async (options: ConfigOption & { readonly json?: boolean; readonly embed: boolean }) => {
      const { json = false, embed: embeds } = options;
      report(await doctor({ readConfig: () => configOf(options, io), json, embeds }, io));
    });
}

/** The command line, without a process: arguments in, texts and an exit status out. */
export async function runCli(args: readonly string[], io: CliIo): Promise<number> {
  const program = new Command('samepoint')
    .description('The same anatomical point in every scan')
    .version(VERSION)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: (text) => io.stderr.write(text),
    });
  for (const add of [addServe, addDemo, addEmbed, addMatch, addModels, addConfig]) add(program, io);
  let status: number = EXIT.ok;
  addDoctor(program, io, (found) => {
    status = found;
  });
  try {
    await program.parseAsync([...args], { from: 'user' });
    return status;
  } catch (error) {
    return explainFailure(error, io);
  }
}
