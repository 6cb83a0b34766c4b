import type { Command } from 'commander';
import type { CliIo, SeriesOptions } from '../../workbench/index.ts';
import {
  collect,
  SERIES_HELP,
  modalityOption,
  MODEL_HELP,
  withFilesOptions,
  workbenchOptions,
} from '../../workbench/index.ts';
import { track } from './command.ts';
import type { TrackCommand } from './command.ts';

/** Adds `samepoint track`. */
export function addTrack(program: Command, io: CliIo): void {
  const command = program
    .command('track')
    .description('follow lesions of one series through later series of the patient; prints JSON')
    .argument('<series...>', `the one with the lesions first, then the later ones: ${SERIES_HELP}`)
    .requiredOption('--lesions <file>', 'CSV (name, x, y, z; LPS, mm), .mrk.json, Spatial Fiducials or SR')
    .option('--out <file>', 'write a CSV there instead')
    .option(
      '--truth <file>',
      'true places in a later series; once for each: prints MED and CPM@10mm',
      collect,
    )
    .option('--pictures <folder>', 'write a PNG of each lesion in each series')
    .option('-m, --model <id>', MODEL_HELP)
    .addOption(modalityOption());
  withFilesOptions(command).action(
    async (
      series: readonly string[],
      options: SeriesOptions & Pick<TrackCommand, 'lesions' | 'out' | 'pictures' | 'truth'>,
    ) => {
      const { lesions, out, pictures, truth } = options;
      await track(series, { ...(await workbenchOptions(options, io)), lesions, out, pictures, truth }, io);
    },
  );
}
