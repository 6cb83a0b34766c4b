/**
 * A program: how far the answers are from the truth, through the server's own pipeline (README.md). Prints a table and
 * writes test/results/accuracy.json, row by row, so that an interrupted run keeps what it has measured.
 *
 *   node accuracy.ts [--help]
 * @module
 */
import { rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isSamepointError } from '../../server/src/errors/index.ts';
import { MATCH_METHODS } from '../../server/src/matching/index.ts';
import { dataRoot, temporaryFolder } from '../support/paths.ts';
import { DatasetScenes } from './datasets/catalogue.ts';
import { Engine, methodsNamed } from './engine.ts';
import { InputError, subjectAt, volumesIn } from './files.ts';
import { CONSOLIDATION_CASE, consolidationScenes } from './consolidations.ts';
import { contrastScenes } from './contrasts.ts';
import { FIELD_OF_VIEW_CASE, fieldOfViewScenes } from './fieldsOfView.ts';
import { FOLLOW_UP_CASES, followUpScenes } from './followUps.ts';
import { LESIONS_CASE, lesionScenes } from './lesions.ts';
import { heldBackMr, LIMB_CASE, limbScenes } from './limbs.ts';
import { mrScenes } from './mrPairs.ts';
import { parseOptions, USAGE } from './options.ts';
import type { Options, SetName } from './options.ts';
import { organScenes } from './organs.ts';
import { pairScenes } from './pairsFile.ts';
import { reliabilityByCase, reliabilitySvg } from './reliability.ts';
import { metricsTableOf, readRows, saveRows, tableOf } from './results.ts';
import { TURNED_CASE, turnedScenes } from './turned.ts';
import { rowOf, Run } from './run.ts';
import type { Group } from './run.ts';
import type { Scene, SceneOptions } from './scenes.ts';

/** The project's own data; never trained on. */
const FOLLOW_UP_SETS: Readonly<Partial<Record<SetName, string>>> = {
  cmbcrc: 'dicom/cmbcrc',
  crlm: 'dicom/crlm',
  organs: 'organs/ts_example_ct.nii.gz',
};

/** What the error radius is judged on, all four cases of each: a chest and an abdomen; and these with the CT of `organs`. */
const POOLS: readonly (readonly SetName[])[] = [
  ['cmbcrc', 'crlm'],
  ['cmbcrc', 'crlm', 'organs'],
];

/** Follow-ups of one volume: whole ones, then parts of one. */
async function* scenesFrom(name: string, path: string, options: SceneOptions): AsyncGenerator<Scene> {
  const subject = await subjectAt(path);
  yield* followUpScenes(name, subject, options);
  if (options.cases.includes(FIELD_OF_VIEW_CASE)) yield* fieldOfViewScenes(name, subject, options);
  if (options.cases.includes(CONSOLIDATION_CASE)) yield* consolidationScenes(name, subject, options);
  if (options.cases.includes(TURNED_CASE)) yield* turnedScenes(name, subject, options);
  yield* contrastScenes(name, subject, options);
  if (options.cases.includes(LESIONS_CASE)) yield* lesionScenes(name, subject, options);
}

async function* ownScenes(sets: readonly SetName[], options: SceneOptions): AsyncGenerator<Scene> {
  for (const name of sets) {
    const path = FOLLOW_UP_SETS[name];
    if (path !== undefined) yield* scenesFrom(name, join(dataRoot(), path), options);
    else if (name === 'headneck') yield* organScenes();
    else {
      if (options.cases.includes(LIMB_CASE)) yield* limbScenes(options);
      yield* mrScenes(await heldBackMr(), options);
    }
  }
}

async function* scenesOf(
  { data, pairs, sets, points, cases }: Options,
  datasets: DatasetScenes | undefined,
  folder: string,
): AsyncGenerator<Scene> {
  const options = { points, cases, folder };
  if (datasets !== undefined) yield* datasets.scenes();
  else if (data === undefined) yield* ownScenes(sets, options);
  else if (pairs !== undefined) yield* pairScenes(pairs, data);
  else for (const { name, path } of await volumesIn(data)) yield* scenesFrom(name, path, options);
}

/** The plot of each case beside the results, from what this and earlier runs have measured. */
async function savePlotByCase(out: string): Promise<void> {
  const svg = reliabilityByCase(await readRows(out), 'refined');
  if (svg !== undefined) await writeFile(join(dirname(out), 'reliability-cases.svg'), svg);
}

/** The reliability plot beside the results, when all that it is about was measured in this run. */
async function savePlot(pools: readonly Group[], out: string): Promise<void> {
  const data = pools.at(-1)?.key.data;
  const series = pools
    .filter(({ key }) => key.data === data)
    .map(({ key, points }) => ({ label: `${key.model}, ${key.method}`, points }));
  const caption = `Error radius: ${data ?? ''}, cases ${FOLLOW_UP_CASES.join(', ')}`;
  const svg = reliabilitySvg(series, caption);
  if (svg !== undefined) await writeFile(join(dirname(out), 'reliability.svg'), svg);
}

async function runAll(options: Options, folder: string): Promise<void> {
  const engine = await Engine.open(folder, options.modelsFolder);
  try {
    const run = new Run(engine, {
      models: engine.models(options.models),
      methods: methodsNamed(options.methods ?? MATCH_METHODS),
      withElastix: options.withElastix,
      save: (rows) => saveRows(options.out, rows),
      say: (text) => process.stderr.write(`${text}\n`),
    });
    const datasets = options.datasets && new DatasetScenes(options.datasets);
    for await (const scene of scenesOf(options, datasets, folder)) await run.scene(scene);
    await run.finish();
    const pools = POOLS.flatMap((data) => run.pooled(data, FOLLOW_UP_CASES));
    const parts = (datasets?.pooled ?? []).flatMap(({ data, cases }) => run.pooled([data], cases));
    const pooledRows = [...pools, ...parts].map(rowOf);
    await saveRows(options.out, pooledRows);
    await savePlot(pools, options.out);
    await savePlotByCase(options.out);
    const rows = [...run.rows, ...pooledRows];
    process.stdout.write(`${tableOf(rows, await readRows(options.out))}\n${metricsTableOf(rows)}`);
  } finally {
    await engine.close();
  }
}

async function main(): Promise<void> {
  const options = parseOptions(process.argv.slice(2));
  if (options === undefined) {
    process.stdout.write(`${USAGE}\n`);
    return;
  }
  const folder = options.keepCache ?? temporaryFolder('accuracy');
  try {
    await runAll(options, folder);
  } finally {
    if (options.keepCache === undefined) await rm(folder, { recursive: true, force: true });
  }
}

try {
  await main();
} catch (error) {
  if (!(error instanceof InputError) && !isSamepointError(error)) throw error;
  process.stderr.write(`bench:accuracy: ${error.message}\n`);
  process.exitCode = 1;
}
