/**
 * Stages of `samepoint register` beside each other, on follow-ups made of real CT by a known map: error, folding, inverse consistency and
 * time; beside them elastix, of the same pairs and points, from test/results/accuracy.json. `node test/bench/register.ts [pairs]` prints a
 * table and writes test/results/register.json.
 * @module
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { distanceMm } from '../../server/src/geometry/index.ts';
import type { LpsPoint } from '../../server/src/geometry/index.ts';
import { openModules } from '../../server/src/composition/index.ts';
import { loadConfig } from '../../server/src/config/index.ts';
import { applyTo, leastSquaresAffine } from '../../server/src/affineRegistration/index.ts';
import { placeIn } from '../../server/src/warp/field/displacementField.ts';
import { registerPair, STAGES } from '../../server/src/warp/index.ts';
import type { StageName } from '../../server/src/warp/index.ts';
import { makeFollowUp } from '../support/followUp.ts';
import type { FollowUpCase } from '../support/followUp.ts';
import { drawInView, seedOf } from '../accuracy/followUps.ts';
import { subjectAt } from '../accuracy/files.ts';
import { dataRoot, ROOT } from '../support/paths.ts';
import type { RealSeries } from '../support/paths.ts';

const POINTS = 200;
const PAIRS: readonly (readonly [RealSeries, FollowUpCase])[] = [
  ['cmbcrc', 'strong'],
  ['crlm', 'strong'],
  ['cmbcrc', 'easy'],
];

/** One row of the table. */
interface Row {
  readonly data: string;
  readonly stage: StageName;
  /** Of the stage's affine map by itself. */
  readonly affineMedianMm: number;
  /** Of the affine map that fits the true places best (least squares): no affine map of this kind does better. */
  readonly bestAffineMedianMm: number;
  readonly medianMm: number;
  readonly p95Mm: number;
  readonly foldingPercent: number;
  readonly inverseMedianMm: number;
  readonly seconds: number;
  /** Of the process, all threads: what a busy machine does not change. */
  readonly cpuSeconds: number;
}

function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(Math.floor(share * sorted.length), sorted.length - 1)] ?? NaN;
}

function round(value: number, digits = 2): number {
  return Number(value.toFixed(digits));
}

/** Errors of the affine map that fits the true places best. */
function bestAffineErrors(
  points: readonly { readonly query: LpsPoint; readonly target: LpsPoint }[],
): number[] {
  const pairs = points.map(({ query: from, target: to }) => ({ from, to, weight: 1, similarity: 1 }));
  const best = leastSquaresAffine(pairs);
  return points.map(({ query, target }) => (best ? distanceMm(applyTo(best, query), target) : NaN));
}

/** What elastix gave for a pair. */
function elastixOf(
  data: string,
): { readonly data: string; readonly medianMm: number; readonly p95Mm: number }[] {
  const all = JSON.parse(readFileSync(join(ROOT, 'test/results/accuracy.json'), 'utf8')) as readonly {
    readonly [name in 'data' | 'case' | 'method']: string;
  }[];
  return all
    .filter((row) => row.method === 'elastix' && `${row.data} ${row.case}` === data)
    .map((row) => ({ data, ...(row as unknown as { readonly medianMm: number; readonly p95Mm: number }) }))
    .map(({ medianMm, p95Mm }) => ({ data, medianMm, p95Mm }));
}

async function measure(
  open: Awaited<ReturnType<typeof openModules>>,
  series: RealSeries,
  name: FollowUpCase,
): Promise<Row[]> {
  const seed = seedOf(series, name);
  const subject = await subjectAt(join(dataRoot(), 'dicom', series));
  const volume = await subject.load();
  const made = makeFollowUp(volume, name, seed);
  const points = drawInView(volume, made, POINTS, seed);
  const query = await open.embedder.embed(volume);
  const target = await open.embedder.embed(made.followUp);
  const model = open.models.get().manifest;
  const bestAffine = quantile(bestAffineErrors(points), 0.5);
  return STAGES.map((stage) => {
    const before = process.cpuUsage();
    const { field, quality, seconds, result } = registerPair({ query, target, model, stage });
    const { user, system } = process.cpuUsage(before);
    const errors = points.map((point) => distanceMm(placeIn(field)(point.query), point.target));
    const affine = points.map((point) => distanceMm(applyTo(result.affine, point.query), point.target));
    const row = {
      data: `${series} ${name}`,
      stage,
      affineMedianMm: round(quantile(affine, 0.5)),
      bestAffineMedianMm: round(bestAffine),
      medianMm: round(quantile(errors, 0.5)),
      p95Mm: round(quantile(errors, 0.95)),
      foldingPercent: round(100 * quality.negativeJacobians, 3),
      inverseMedianMm: round(quality.inverseConsistencyMm.median, 3),
      seconds: round(seconds, 1),
      cpuSeconds: round((user + system) / 1e6, 1),
    };
    process.stdout.write(`${Object.values(row).join('\t')}\n`);
    return row;
  });
}

const [pairs = '3'] = process.argv.slice(2);
const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
const open = await openModules(await loadConfig({ env: process.env, needsPacs: false }), silent, 'guest');
process.stdout.write(
  'data\tstage\taffine mm\tbest affine mm\tmedian mm\tp95 mm\tfolding %\tinverse mm\tseconds\tCPU seconds\n',
);
const rows: Row[] = [];
for (const [series, name] of PAIRS.slice(0, Number(pairs))) rows.push(...(await measure(open, series, name)));
await open.close();
writeFileSync(
  join(ROOT, 'test/results/register.json'),
  `${JSON.stringify({ points: POINTS, rows, elastix: rows.filter(({ stage }) => stage === 'field').flatMap(({ data }) => elastixOf(data)) }, null, 2)}\n`,
);
