import type { Command } from 'commander';
import type { CliIo, SeriesOptions } from '../../workbench/index.ts';
import {
  SERIES_HELP,
  modalityOption,
  MODEL_HELP,
  positiveNumber,
  withFilesOptions,
  workbenchOptions,
} from '../../workbench/index.ts';
import { features } from './command.ts';
import type { FeaturesCommand } from './command.ts';

/** Radius of a patch where none is given, mm. */
const RADIUS_MM = 5;

/** Adds `samepoint features`. */
export function addFeatures(program: Command, io: CliIo): void {
  const command = program
    .command('features')
    .description('write vectors and statistics of the voxels around points of a series')
    .argument('<series>', SERIES_HELP)
    .requiredOption('--points <file>', 'CSV (name, x, y, z; LPS, mm), .mrk.json, Spatial Fiducials or SR')
    .requiredOption('--out <file>', '.csv, or .npy: the same columns but the names, float32')
    .option('--radius <mm>', 'of the voxels around a point', positiveNumber, RADIUS_MM)
    .option('-m, --model <id>', MODEL_HELP)
    .addOption(modalityOption());
  withFilesOptions(command).action(
    async (series: string, options: SeriesOptions & Pick<FeaturesCommand, 'points' | 'out' | 'radius'>) => {
      const { points, out, radius } = options;
      await features(series, { ...(await workbenchOptions(options, io)), points, out, radius }, io);
    },
  );
}
