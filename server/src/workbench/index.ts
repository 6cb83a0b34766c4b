/**
 * What commands on series share: the series that an argument names, read and embedded; options, output and progress.
 * @module
 */
export { alignTarget } from './alignTarget.ts';
export { embedFiles } from './embedFiles.ts';
export { parseInput, parsePoint, readAllVoxels, readHeaderOf } from './input.ts';
export type { FilesInput, SeriesInput } from './input.ts';
export { printJson, progressLine } from './io.ts';
export type { CliIo } from './io.ts';
export {
  collect,
  CONFIG_FLAG,
  CONFIG_HELP,
  configOf,
  FILES_SERIES_HELP,
  filesConfig,
  modalities,
  MODALITY_FLAG,
  modalityOption,
  MODEL_HELP,
  positiveNumber,
  SERIES_HELP,
  wholeNumber,
  withFilesOptions,
  workbenchOptions,
} from './options.ts';
export type { ConfigOption, FilesOption, SeriesOptions } from './options.ts';
export { warningLogger } from './warningLogger.ts';
export { headerOf, readInput, withWorkbench } from './workbench.ts';
export type { Workbench, WorkbenchOptions } from './workbench.ts';
