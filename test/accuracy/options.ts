/**
 * The command line of the benchmark.
 * @module
 */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { ROOT } from '../support/paths.ts';
import { DATASETS, parseDataset } from './datasets/catalogue.ts';
import type { DatasetChoice } from './datasets/catalogue.ts';
import { InputError } from './files.ts';
import { CONTRAST_CASES } from './contrasts.ts';
import { FIELD_OF_VIEW_CASE } from './fieldsOfView.ts';
import { CONSOLIDATION_CASE } from './consolidations.ts';
import { FOLLOW_UP_CASES, SLICE_CASES } from './followUps.ts';
import { LIMB_CASE } from './limbs.ts';
import { MR_CASES } from './mrContrasts.ts';
import { TURNED_CASE } from './turned.ts';
import { LESIONS_CASE } from './lesions.ts';

/** Data sets that come with the project. */
export const SETS = ['cmbcrc', 'crlm', 'organs', 'headneck', 'limb'] as const;
export type SetName = (typeof SETS)[number];

/** The cases of the protocol. */
export const CASES: readonly string[] = [
  ...FOLLOW_UP_CASES,
  ...SLICE_CASES,
  FIELD_OF_VIEW_CASE,
  LESIONS_CASE,
  CONSOLIDATION_CASE,
  TURNED_CASE,
  ...CONTRAST_CASES,
  LIMB_CASE,
  ...MR_CASES,
];

/** What to run. Undefined lists mean all. */
export interface Options {
  /** A folder or file of the caller's; undefined: the data sets below. */
  readonly data: string | undefined;
  readonly pairs: string | undefined;
  /** Public datasets of the caller's, instead of all others; undefined: none. */
  readonly datasets: DatasetChoice | undefined;
  readonly models: readonly string[] | undefined;
  readonly modelsFolder: string;
  readonly methods: readonly string[] | undefined;
  readonly cases: readonly string[];
  readonly sets: readonly SetName[];
  readonly points: number;
  readonly withElastix: boolean;
  readonly out: string;
  readonly keepCache: string | undefined;
}

/** What --help prints. */
export const USAGE = `npm run bench:accuracy -- [options]
  --data DIR         a DICOM folder, a NIfTI file, or a folder of them, instead of the project's own data
  --pairs FILE       landmark pairs of the volumes in DIR (test/accuracy/README.md); without it, follow-ups of each volume are made
  --dataset NAME=DIR a public dataset in DIR (test/accuracy/datasets/README.md), with the measures of its paper; may be repeated:
${DATASETS.map(({ name, summary }) => `                       ${name.padEnd(16)} ${summary}`).join('\n')}
  --deeplesion DIR   the same as --dataset deeplesion=DIR
  --models A,B       default: all models
  --models-dir DIR   default: models/
  --methods A,B      default: all methods
  --cases A,B        of the follow-ups: ${CASES.join(', ')}; of a dataset: as its rows are named; default: all
  --sets A,B         ${SETS.join(', ')}; default: all
  --points N         points per pair; default 200
  --with-elastix     also register every follow-up pair with elastix (minutes each; apt-get install elastix)
  --out FILE         default test/results/accuracy.json; rows of the same data, case, model and method are replaced
  --keep-cache DIR   keep embeddings and points there, and use those that are there`;

const DEFAULT_POINTS = 200;
const MAX_POINTS = 100_000;

function list(text: string | undefined): readonly string[] | undefined {
  return text
    ?.split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

function known<T extends string>(names: readonly string[], all: readonly T[], option: string): T[] {
  return names.map((name) => {
    const found = all.find((candidate) => candidate === name);
    if (found === undefined) throw new InputError(`--${option} ${name}: there are ${all.join(', ')}`);
    return found;
  });
}

function countOf(text: string): number {
  const count = Number(text);
  if (Number.isInteger(count) && count >= 1 && count <= MAX_POINTS) return count;
  throw new InputError(`--points must be a whole number from 1 to ${MAX_POINTS}, got ${text}`);
}

/** Paths are the caller's: npm runs a script in the root of the repository and says where it was called. */
function fromCaller(path: string): string {
  return resolve(process.env['INIT_CWD'] ?? process.cwd(), path);
}

function pairsFile(path: string, data: string | undefined): string {
  if (data === undefined)
    throw new InputError('--pairs needs --data: the folder that its paths are relative to');
  const inData = join(data, path);
  return !existsSync(fromCaller(path)) && existsSync(inData) ? inData : fromCaller(path);
}

function valuesOf(args: readonly string[]) {
  const text = { type: 'string' } as const;
  try {
    return parseArgs({
      args: [...args],
      options: {
        data: text, pairs: text, models: text, 'models-dir': text, methods: text, cases: text, sets: text, points: text,
        dataset: { ...text, multiple: true }, deeplesion: text, 'with-elastix': { type: 'boolean' }, out: text, 'keep-cache': text, help: { type: 'boolean' },
      },
    }).values; // prettier-ignore
  } catch (error) {
    throw new InputError(`${error instanceof Error ? error.message : String(error)}\n${USAGE}`);
  }
}

/** A path of the caller's, or the default. */
function pathOr<T>(path: string | undefined, otherwise: T): string | T {
  return path === undefined ? otherwise : fromCaller(path);
}

/** What --dataset chooses, and --cases of it: which cases there are, only the folders say. */
function datasetsOf(values: ReturnType<typeof valuesOf>): DatasetChoice | undefined {
  const chosen = [
    ...(values.dataset ?? []),
    ...(values.deeplesion === undefined ? [] : [`deeplesion=${values.deeplesion}`]),
  ];
  if (chosen.length === 0) return undefined;
  if ((values.data ?? values.pairs ?? values.sets) !== undefined)
    throw new InputError('--dataset excludes --data, --pairs and --sets: it is measured in a run of its own');
  const folders = chosen
    .map(parseDataset)
    .map(({ dataset, folder }) => ({ dataset, folder: fromCaller(folder) }));
  return { folders, cases: list(values.cases) };
}

/**
 * Reads the command line.
 * @returns undefined when only help was requested.
 * @throws InputError for an option or value that does not exist.
 */
export function parseOptions(args: readonly string[]): Options | undefined {
  const values = valuesOf(args);
  if (values.help === true) return undefined;
  const data = pathOr(values.data, undefined);
  if (data !== undefined && values.sets !== undefined)
    throw new InputError("--data and --sets exclude each other: --sets are the project's own data");
  const datasets = datasetsOf(values);
  return {
    data,
    pairs: values.pairs === undefined ? undefined : pairsFile(values.pairs, data),
    datasets,
    models: list(values.models),
    modelsFolder: pathOr(values['models-dir'], join(ROOT, 'models')),
    methods: list(values.methods),
    cases: datasets === undefined ? known(list(values.cases) ?? CASES, CASES, 'cases') : [],
    sets: known(list(values.sets) ?? SETS, SETS, 'sets'),
    points: countOf(values.points ?? String(DEFAULT_POINTS)),
    withElastix: values['with-elastix'] === true,
    out: pathOr(values.out, join(ROOT, 'test/results/accuracy.json')),
    keepCache: pathOr(values['keep-cache'], undefined),
  };
}
