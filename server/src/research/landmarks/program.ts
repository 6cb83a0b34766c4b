import type { Command } from 'commander';
import type { CliIo, SeriesOptions } from '../../workbench/index.ts';
import {
  collect,
  positiveNumber,
  SERIES_HELP,
  modalityOption,
  MODEL_HELP,
  workbenchOptions,
  withFilesOptions,
} from '../../workbench/index.ts';
import { REACH_MM } from '../../landmarks/index.ts';
import { findInSeries, makeLandmarks } from './commands.ts';
import type { MakeCommand } from './commands.ts';
import { OUTPUT_ENDS } from './output.ts';

/** Adds `samepoint landmarks`. */
export function addLandmarks(program: Command, io: CliIo): void {
  const landmarks = program
    .command('landmarks')
    .description('find the landmarks of one annotated series in others');
  const make = landmarks
    .command('make')
    .description('make a template of named points of a series; it holds vectors, no image')
    .argument('<series>', SERIES_HELP)
    .requiredOption('--points <file>', 'CSV (name, x, y, z; LPS, mm), .mrk.json, Spatial Fiducials or SR')
    .requiredOption('--out <file>', 'the template, JSON')
    .option('--reach <mm>', 'how far around the points vectors are kept', positiveNumber, REACH_MM)
    .option('-m, --model <id>', MODEL_HELP)
    .addOption(modalityOption());
  withFilesOptions(make).action(
    async (series: string, options: SeriesOptions & Pick<MakeCommand, 'points' | 'out' | 'reach'>) => {
      const { points, out, reach } = options;
      await makeLandmarks(series, { ...(await workbenchOptions(options, io)), points, out, reach }, io);
    },
  );
  const find = landmarks
    .command('find')
    .description('find the landmarks of templates in a series; prints JSON')
    .argument('<series>', SERIES_HELP)
    .requiredOption('--template <file>', 'repeatable: templates vote', collect)
    .option('--out <file>', `write there instead; repeatable; by its end: ${OUTPUT_ENDS.join(', ')}`, collect)
    .option('-m, --model <id>', 'that of the template where absent')
    .addOption(modalityOption());
  withFilesOptions(find).action(
    async (
      series: string,
      options: SeriesOptions & { readonly template: readonly string[]; readonly out?: readonly string[] },
    ) => {
      const { template: templates, out } = options;
      await findInSeries(series, { ...(await workbenchOptions(options, io)), templates, out }, io);
    },
  );
}
