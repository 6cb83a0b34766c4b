/**
 * How far the answers of the two forms of samepoint-ct are apart, and from the truth, for points all over the body: the generated patient, or
 * a real CT and a follow-up of it by a known map.
 *
 *   node test/bench/forms.ts [--data phantom | cmbcrc | crlm] [--coarseness 2] [--points 300]
 * @module
 */
import { readdir, readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { join } from 'node:path';
import { createEmbedder } from '../../server/src/embedding/index.ts';
import type { Embedding } from '../../server/src/embedding/index.ts';
import { distanceMm } from '../../server/src/geometry/index.ts';
import type { LpsPoint } from '../../server/src/geometry/index.ts';
import { createMatcher } from '../../server/src/matching/index.ts';
import type { PointOutcome } from '../../server/src/matching/index.ts';
import { loadModels } from '../../server/src/model/registry.ts';
import type { ModelRegistry } from '../../server/src/model/registry.ts';
import { createPhantom } from '../../server/src/phantom/index.ts';
import { differences, floatForm, placesIn, quantile } from '../support/forms.ts';
import { readVolume } from '../../server/src/volumeAssembly/index.ts';
import type { Volume } from '../../server/src/volume/types.ts';
import { makeFollowUp } from '../support/followUp.ts';
import { REAL_SERIES, realSeriesFolder, ROOT } from '../support/paths.ts';

const { values } = parseArgs({
  options: {
    data: { type: 'string', default: 'phantom' },
    coarseness: { type: 'string', default: '2' },
    points: { type: 'string', default: '300' },
  },
});
const MODEL = 'samepoint-ct';
const METHODS = ['refined', 'nearest'] as const;
const THREADS = 2;
const models = await loadModels(join(ROOT, 'models'));
const model = models.get(MODEL);

/** Two volumes of a patient, and the true map from the first to the second. */
interface Pair {
  readonly volumes: readonly Volume[];
  readonly toTarget: (lps: LpsPoint) => LpsPoint;
}

function generatedPair(): Pair {
  const phantom = createPhantom({ seed: 1, coarseness: Number(values.coarseness) });
  return {
    volumes: phantom.timePoints.slice(0, 2).map(({ volume }) => volume),
    toTarget: (lps) => phantom.toPrior(lps),
  };
}

async function* filesOf(folder: string): AsyncGenerator<Uint8Array> {
  for (const file of (await readdir(folder)).sort()) yield await readFile(join(folder, file));
}

async function realPair(name: string): Promise<Pair> {
  const series = REAL_SERIES.find((known) => known === name);
  const folder = series && realSeriesFolder(series);
  if (folder === undefined) throw new Error(`no data: shared/data/dicom/${name}`);
  const volume = await readVolume(filesOf(folder));
  const made = makeFollowUp(volume, 'easy', 1);
  return { volumes: [volume, made.followUp], toTarget: (lps) => made.toFollowUp(lps) };
}

const { volumes, toTarget } = values.data === 'phantom' ? generatedPair() : await realPair(values.data);

async function pairOf(registry: ModelRegistry): Promise<readonly Embedding[]> {
  const embedder = createEmbedder({ models: registry, providers: ['cpu'], threads: THREADS });
  try {
    return await Promise.all(volumes.map((volume) => embedder.embed(volume, MODEL)));
  } finally {
    await embedder.close();
  }
}

const [codes, floats] = [await pairOf(models), await pairOf(floatForm(model))];
const points = placesIn(codes[0]!, Number(values.points)).map((lps, n) => ({ id: String(n), lps }));
const matcher = createMatcher({ threads: THREADS });

function errors(outcomes: readonly PointOutcome[]): readonly number[] {
  return outcomes
    .flatMap((outcome, n) => {
      const query = points[n];
      if (!outcome.ok || query === undefined) return [];
      return [distanceMm(outcome.match.target.lps, toTarget(query.lps))];
    })
    .sort((a, b) => a - b);
}

function row(what: string, ascending: readonly number[]): string {
  const shares = [0.5, 0.9, 0.99].map((share) => quantile(ascending, share).toFixed(3));
  return `${what.padEnd(34)} ${String(ascending.length).padStart(5)} ${shares.join('  ')}\n`;
}

process.stdout.write(`${'mm'.padEnd(34)} points median, 90 %, 99 %\n`);
for (const method of METHODS) {
  const answersOf = ([query, target]: readonly Embedding[]): Promise<readonly PointOutcome[]> =>
    matcher.matchPoints({ query: query!, target: target!, points, method, model: model.manifest });
  const [ofCodes, ofFloats] = [await answersOf(codes), await answersOf(floats)];
  process.stdout.write(row(`${method}: int8 and float apart`, differences(ofCodes, ofFloats)));
  process.stdout.write(row(`${method}: error of int8`, errors(ofCodes)));
  process.stdout.write(row(`${method}: error of float`, errors(ofFloats)));
}
await matcher.close();
