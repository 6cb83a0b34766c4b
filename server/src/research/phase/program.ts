import type { Command } from 'commander';
import type { CliIo, SeriesOptions } from '../../workbench/index.ts';
import {
  collect,
  SERIES_HELP,
  modalityOption,
  withFilesOptions,
  workbenchOptions,
} from '../../workbench/index.ts';
import { phase } from './command.ts';

/** Adds `samepoint phase`. */
export function addPhase(program: Command, io: CliIo): void {
  const command = program
    .command('phase')
    .description(
      'find the contrast phase of a CT of the abdomen; prints JSON with the numbers that it rests on',
    )
    .argument('<series>', SERIES_HELP)
    .option(
      '--template <file>',
      'with the landmarks aorta, portal vein, liver, right kidney, left kidney; repeatable; that of the phantom where absent',
      collect,
    )
    .option('-m, --model <id>', 'that of the template where absent')
    .addOption(modalityOption());
  withFilesOptions(command).action(
    async (series: string, options: SeriesOptions & { readonly template?: readonly string[] }) => {
      await phase(series, { ...(await workbenchOptions(options, io)), templates: options.template }, io);
    },
  );
}
