import { join } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { printConfig, SAMEPOINT_ROOT } from '../config/index.ts';
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
import { writePhantom } from './commands/phantom.ts';
import type { PhantomCommand } from './commands/phantom.ts';
import { serve } from './commands/serve.ts';
import { worker } from './commands/worker.ts';
import { CONTRAST_PHASES } from '../phantom/index.ts';
import {
  collect,
  CONFIG_FLAG,
  CONFIG_HELP,
  configOf,
  FILES_SERIES_HELP,
  filesConfig,
  modalities,
  MODALITY_FLAG,
  MODEL_HELP,
  positiveNumber,
  SERIES_HELP,
  wholeNumber,
  withFilesOptions,
} from '../workbench/index.ts';
import type { ConfigOption, FilesOption, CliIo } from '../workbench/index.ts';
import { EXIT, explainFailure } from './exit.ts';
import { addRegister, addSubtract } from './registerCommands.ts';
import type { PairOptions } from './registerCommands.ts';
import { addFeatures, addLandmarks, addPairs, addPhase, addTrack } from '../research/index.ts';
import { PRESETS } from './preset/original.ts';
import type { Preset } from './preset/original.ts';
import { VOLUME_MODALITIES } from '../volume/index.ts';
import type { VolumeModality } from '../volume/index.ts';
import { VERSION } from '../composition/index.ts';

function addServe(program: Command, io: CliIo): void {
  program
    .command('serve')
    .description('serve the API to viewers')
    .option(CONFIG_FLAG, CONFIG_HELP)
    .action(async (options: ConfigOption) => {
      await serve(await configOf(options, io), io);
    });
}

function addWorker(program: Command, io: CliIo): void {
  program
    .command('worker')
    .description('embed what servers put into the queue (queue.redis)')
    .option(CONFIG_FLAG, CONFIG_HELP)
    .action(async (options: ConfigOption) => {
      await worker(await configOf(options, io), io);
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
  const command = program
    .command('embed')
    .description('compute the embedding of a series')
    .argument('<series>', SERIES_HELP)
    .option('-m, --model <id>', MODEL_HELP)
    .addOption(new Option(MODALITY_FLAG, 'of a NIfTI file; CT where absent').choices(VOLUME_MODALITIES));
  withFilesOptions(command).action(
    async (series: string, options: FilesOption & Pick<EmbedCommand, 'model' | 'modality'>) => {
      const { model, modality, cache } = options;
      const config = await filesConfig(options, io);
      await embed(series, { config, model, modality, useCache: cache !== false }, io);
    },
  );
}

function addPhantom(program: Command, io: CliIo): void {
  program
    .command('phantom')
    .description(
      'write the CT scans of a generated patient as DICOM files, with the true places of landmarks and lesions',
    )
    .requiredOption('--out <folder>', 'where they are written')
    .option('--seed <number>', 'another seed is another patient', wholeNumber, 1)
    .option('--coarseness <factor>', 'voxel size relative to the full phantom', positiveNumber, 1)
    .addOption(
      new Option('--phase <phase>', 'of the contrast agent').choices(CONTRAST_PHASES).default('venous'),
    )
    .action(async (options: PhantomCommand) => {
      await writePhantom(options, io);
    });
}

function pairModality(): Option {
  return new Option(MODALITY_FLAG, 'of NIfTI files: of both, or twice, for query and target; CT where absent')
    .choices(VOLUME_MODALITIES)
    .argParser(modalities);
}

function pairOptions(io: CliIo): PairOptions {
  return {
    io,
    seriesHelp: FILES_SERIES_HELP,
    addPairOptions: (command) =>
      withFilesOptions(command.option('-m, --model <id>', MODEL_HELP).addOption(pairModality())),
    configOf: (options) => filesConfig(options, io),
  };
}

interface MatchOptions extends FilesOption {
  readonly model?: string;
  readonly method?: MatchMethod;
  readonly preset?: Preset;
  readonly fixedPoints?: boolean;
  readonly modality?: readonly VolumeModality[];
  readonly point: readonly string[];
}

function addMatch(program: Command, io: CliIo): void {
  const command = program
    .command('match')
    .description('find points of one series in another; prints JSON')
    .argument('<query>', SERIES_HELP)
    .argument('<target>', 'the same, for the series to search in')
    .requiredOption('-p, --point <x,y,z>', 'patient LPS in mm of the query series; repeatable', collect)
    .option('-m, --model <id>', MODEL_HELP)
    .addOption(pairModality())
    .addOption(
      new Option('--method <name>', `how to match; ${MATCH_METHODS[0]} where absent`).choices(MATCH_METHODS),
    )
    .addOption(
      new Option('--preset <name>', 'conventions of the released code; with --method nearest').choices(
        PRESETS,
      ),
    )
    .option('--fixed-points', 'with --method structural: what each answer is made of');
  withFilesOptions(command).action(async (query: string, target: string, options: MatchOptions) => {
    const config = await filesConfig(options, io);
    const { modality: modalitiesOf, point: points, cache, model, method, preset, fixedPoints } = options;
    const how = { model, method, preset, fixedPoints, modalities: modalitiesOf, useCache: cache !== false };
    await match(query, target, { config, points, ...how }, io);
  });
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
    .option('--int8', 'also install <name>-int8, quantised by Python: needs PyTorch and --images')
    .option('--images <folder>', 'of CTs (NIfTI) from which --int8 measures the ranges of the activations')
    .option('--mr-images <folder>', 'the same of MR, for UAE-M')
    .option('--python <path>', 'interpreter with PyTorch for --int8; /usr/bin/python3 where absent')
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
  for (const add of [
    addServe,
    addWorker,
    addDemo,
    addEmbed,
    addMatch,
    addFeatures,
    addLandmarks,
    addPairs,
    addPhase,
    addTrack,
    addPhantom,
    addModels,
    addConfig,
  ])
    add(program, io);
  for (const add of [addRegister, addSubtract]) add(program, pairOptions(io));
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
