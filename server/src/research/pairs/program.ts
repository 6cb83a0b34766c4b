import type { Command } from 'commander';
import type { CliIo, SeriesOptions } from '../../workbench/index.ts';
import {
  modalityOption,
  MODEL_HELP,
  positiveNumber,
  wholeNumber,
  withFilesOptions,
  workbenchOptions,
} from '../../workbench/index.ts';
import { makePairs } from './command.ts';
import type { PairsCommand } from './command.ts';

/** Defaults of Alice: the edge of a crop in voxels, and the least similarity of a pair. */
const [CROP, MIN_SCORE] = [64, 0.7];

/** Adds `samepoint pairs`. */
export function addPairs(program: Command, io: CliIo): void {
  const command = program
    .command('pairs')
    .description('write crops of the same place in two series as NIfTI, for self-supervised training')
    .argument(
      '<folder...>',
      'one for each patient; each folder of DICOM files and each NIfTI file in it is a series',
    )
    .requiredOption(
      '--out <folder>',
      'of the crops and of pairs.jsonl; a run that was interrupted is continued there',
    )
    .requiredOption('--count <number>', 'of pairs', wholeNumber)
    .option('--crop <voxels>', 'edge of a crop in voxels of the working image (2 mm)', wholeNumber, CROP)
    .option('--min-score <similarity>', 'least similarity of the two places', positiveNumber, MIN_SCORE)
    .option('--seed <number>', 'the same seed gives the same pairs', wholeNumber, 1)
    .option('-m, --model <id>', MODEL_HELP)
    .addOption(modalityOption());
  withFilesOptions(command).action(
    async (
      folders: readonly string[],
      options: SeriesOptions & Pick<PairsCommand, 'crop' | 'count' | 'minScore' | 'seed' | 'out'>,
    ) => {
      const { crop, count, minScore, seed, out } = options;
      const shared = await workbenchOptions(options, io);
      await makePairs(folders, { ...shared, crop, count, minScore, seed, out }, io);
    },
  );
}
