/**
 * A program: the fields of pairs of a CT and its follow-up by a known map. How large they are, how near to the answers of the method
 * `field` and to the truth, how regular. Prints a table and writes test/results/fields.json.
 *
 *   node test/bench/fields.ts [--sets=cmbcrc,crlm,organs] [--cases=easy,strong,crop,thick] [--keep=FOLDER]
 * @module
 */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';
import { distanceMm } from '../../server/src/geometry/index.ts';
import { createMatcher } from '../../server/src/matching/index.ts';
import { errorRadiusAt, mappedBy } from '../../server/src/deformation/index.ts';
import { decodeField, encodeField } from '../../server/src/fieldFormat/index.ts';
import type { PointMatcher } from '../../server/src/matching/index.ts';
import type { DeformationField } from '../../server/src/deformation/index.ts';
import { Engine } from '../accuracy/engine.ts';
import type { EmbeddedPair } from '../accuracy/engine.ts';
import { subjectAt } from '../accuracy/files.ts';
import { FOLLOW_UP_CASES, followUpScenes } from '../accuracy/followUps.ts';
import type { Scene } from '../accuracy/scenes.ts';
import { dataRoot, ROOT, temporaryFolder } from '../support/paths.ts';

/** The data of the benchmark, and where they are below the data's root. */
const SETS: Readonly<Record<string, string>> = {
  cmbcrc: 'dicom/cmbcrc',
  crlm: 'dicom/crlm',
  organs: 'organs/ts_example_ct.nii.gz',
};
const MODEL = 'samepoint-ct';
const POINTS = 300;
const RESULTS = join(ROOT, 'test/results/fields.json');

/** Median and 95th percentile, mm. */
interface Spread {
  readonly median: number;
  readonly p95: number;
}

/** What is measured of a pair. */
interface Row {
  readonly data: string;
  readonly case: string;
  readonly bytes: number;
  readonly gzipBytes: number;
  readonly spacingMm: number;
  readonly verdict: string;
  /** From the answer of the method `field` to what the decoded lattice says, where it knows something. */
  readonly fromAnswerMm: Spread;
  /** From the true place. */
  readonly errorMm: Spread;
  /** Share of the points whose true place lies within the error radius. */
  readonly withinRadius: number;
  readonly quality: DeformationField['quality'];
}

function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(Math.floor(share * sorted.length), sorted.length - 1)] ?? NaN;
}

function spreadOf(values: readonly number[]): Spread {
  return { median: quantile(values, 0.5), p95: quantile(values, 0.95) };
}

async function measure(
  scene: Scene,
  { query, target }: EmbeddedPair,
  matcher: PointMatcher,
  engine: Engine,
): Promise<Row> {
  const [model] = engine.models([MODEL]);
  const request = { query, target, model: model!.manifest };
  const points = scene.points.map(({ query: lps }, n) => ({ id: String(n), lps }));
  const bytes = encodeField(await matcher.deformation(request));
  const field = decodeField(bytes)!;
  const answers = await matcher.matchPoints({ ...request, points, method: 'field' });
  const [fromAnswer, errors, hits] = [[] as number[], [] as number[], [] as boolean[]];
  for (const [n, outcome] of answers.entries()) {
    const truth = scene.points[n]!;
    const radius = errorRadiusAt(field.forward, truth.query);
    if (!outcome.ok || Number.isNaN(radius)) continue;
    const lps = mappedBy(field.forward, truth.query);
    if (outcome.match.verdict !== 'out-of-view') fromAnswer.push(distanceMm(lps, outcome.match.target.lps));
    const error = distanceMm(lps, truth.target);
    errors.push(error);
    hits.push(error <= radius);
  }
  return {
    data: scene.data,
    case: scene.case,
    bytes: bytes.length,
    gzipBytes: gzipSync(bytes).length,
    spacingMm: field.forward.spacing[0],
    verdict: field.verdict,
    fromAnswerMm: spreadOf(fromAnswer),
    errorMm: spreadOf(errors),
    withinRadius: hits.filter(Boolean).length / hits.length,
    quality: field.quality,
  };
}

function line(row: Row): string {
  const mm = ({ median, p95 }: Spread): string => `${median.toFixed(3)} / ${p95.toFixed(3)}`;
  const { quality } = row;
  return [
    `${row.data} ${row.case}`.padEnd(16),
    `${Math.round(row.bytes / 1000)} kB (${Math.round(row.gzipBytes / 1000)} gzip)`,
    `${row.spacingMm} mm`,
    row.verdict,
    `answer ${mm(row.fromAnswerMm)}`,
    `truth ${mm(row.errorMm)}`,
    `in radius ${row.withinRadius.toFixed(3)}`,
    `folds ${(quality.foldingShare * 100).toFixed(3)} %`,
    `inverse ${mm(quality.inverseConsistencyMm)}`,
    `covered ${quality.coveredShare.toFixed(2)}`,
  ].join(' | ');
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { sets: { type: 'string' }, cases: { type: 'string' }, keep: { type: 'string' } },
  });
  const sets = values.sets?.split(',') ?? Object.keys(SETS);
  const wanted = values.cases?.split(',');
  const cases = FOLLOW_UP_CASES.filter((name) => wanted?.includes(name) ?? true);
  const folder = values.keep ?? temporaryFolder('fields');
  await mkdir(folder, { recursive: true });
  const [engine, matcher] = [await Engine.open(folder), createMatcher()];
  const rows: Row[] = [];
  try {
    for (const name of sets) {
      const subject = await subjectAt(join(dataRoot(), SETS[name]!));
      for await (const scene of followUpScenes(name, subject, { points: POINTS, cases, folder })) {
        if (scene.outOfView === true) continue;
        const [model] = engine.models([MODEL]);
        const pair = await engine.embedPair(scene.query, scene.target, model!);
        const row = await measure(scene, pair, matcher, engine);
        rows.push(row);
        process.stdout.write(`${line(row)}\n`);
        await writeFile(RESULTS, `${JSON.stringify({ pairs: rows }, undefined, 2)}\n`);
      }
    }
  } finally {
    await Promise.all([engine.close(), matcher.close()]);
    if (values.keep === undefined) await rm(folder, { recursive: true, force: true });
  }
}

await main();
