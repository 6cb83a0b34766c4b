import { join } from 'node:path';
import { SAMEPOINT_ROOT } from '../../config/index.ts';
import { SamepointError } from '../../errors/index.ts';
import { modelOfTemplate } from '../../landmarks/index.ts';
import { measurePhase } from '../../phase/index.ts';
import { printJson, readInput, withWorkbench } from '../../workbench/index.ts';
import type { CliIo, WorkbenchOptions } from '../../workbench/index.ts';
import { decodeTemplates, parseTemplate, searchTemplates } from '../landmarks/commands.ts';

/** Landmarks of the generated patient: aorta, portal vein, liver, kidneys and others. */
const PHANTOM_TEMPLATE = join(SAMEPOINT_ROOT, 'config/landmarks/phantom-trunk.json');

/** Options of `samepoint phase`. */
export interface PhaseCommand extends WorkbenchOptions {
  /** Files of templates; that of the phantom where absent. */
  readonly templates?: readonly string[] | undefined;
}

/** Finds the contrast phase of a CT, and prints the numbers that it rests on. */
export async function phase(series: string, command: PhaseCommand, io: CliIo): Promise<void> {
  const files = command.templates ?? [PHANTOM_TEMPLATE];
  const templates = await Promise.all(files.map(async (file) => parseTemplate(await readInput(file))));
  const model = command.model ?? modelOfTemplate(templates[0]).id;
  await withWorkbench({ ...command, model }, io, async (bench) => {
    const input = await bench.series(series);
    const outcomes = await searchTemplates(decodeTemplates(templates, bench), series, bench);
    const volume = await bench.read(input);
    if (volume.modality !== 'CT')
      throw new SamepointError('cli/unreadable-input', {
        input: series,
        reason: 'is no CT; the phase is found by HU',
      });
    printJson(io, measurePhase(volume, outcomes));
  });
}
