/**
 * The form of samepoint-ct for GPUs gives the answers of the form for the CPU. A small part of the generated patient: WebGPU runs on the
 * software driver of Vulkan that comes with Chromium, which is slow but computes what a card computes.
 */
import { jest } from '@jest/globals';
import { join } from 'node:path';
import { createEmbedder } from '../server/src/embedding/index.ts';
import type { Embedding } from '../server/src/embedding/index.ts';
import { createMatcher } from '../server/src/matching/index.ts';
import type { PointOutcome } from '../server/src/matching/index.ts';
import { loadModels } from '../server/src/model/registry.ts';
import type { ExecutionProvider } from '../server/src/model/index.ts';
import type { ModelRegistry } from '../server/src/model/registry.ts';
import { createPhantom } from '../server/src/phantom/index.ts';
import type { Volume } from '../server/src/volume/types.ts';
import { boxAround, cosines, differences, floatForm, placesIn, quantile } from './support/forms.ts';
import { ROOT } from './support/paths.ts';
import { describeWith, SOFTWARE_VULKAN } from './support/requirements.ts';

// The software driver compiles a program for every layer, and computes a hundred times slower than a card.
jest.setTimeout(120_000);

const MODEL = 'samepoint-ct';
/** Voxels of 2.8 x 2.8 x 5 (6) mm: 67 x 67 x 60 (72) mm. */
const BOX = [24, 24, 12] as const;
const POINTS = 40;
/**
 * Medians of what two computations of the same points may be apart, mm. Around so few voxels little context decides, and rounding to
 * int8 moves answers more than in a whole trunk (0.05 mm, test/bench/forms.ts).
 */
const LIMIT_MM = { sameGraphs: 0.05, int8: 0.6 };

const matcher = createMatcher({ threads: 2 });
let models: ModelRegistry;
let boxes: readonly Volume[];

interface Computed {
  readonly pair: readonly Embedding[];
  readonly running: ExecutionProvider | undefined;
}

/** Boxes on one provider. */
async function compute(
  registry: ModelRegistry,
  provider: ExecutionProvider,
  volumes: readonly Volume[] = boxes,
): Promise<Computed> {
  const embedder = createEmbedder({ models: registry, providers: [provider], threads: 2 });
  try {
    const pair: Embedding[] = [];
    for (const box of volumes) pair.push(await embedder.embed(box, MODEL));
    return { pair, running: embedder.executionProvider.running };
  } finally {
    await embedder.close();
  }
}

async function answers({ pair: [query, target] }: Computed): Promise<readonly PointOutcome[]> {
  const points = placesIn(codes.pair[0]!, POINTS).map((lps, n) => ({ id: String(n), lps }));
  const model = models.get(MODEL).manifest;
  return await matcher.matchPoints({ query: query!, target: target!, points, method: 'refined', model });
}

/** The median distance between the answers, mm; it counts only where most points are answered. */
async function medianApart(one: Computed, other: Computed): Promise<number> {
  const apart = differences(await answers(one), await answers(other));
  expect(apart.length).toBeGreaterThan(POINTS / 2);
  return quantile(apart, 0.5);
}

let codes: Computed;
let floats: Computed;
beforeAll(async () => {
  models = await loadModels(join(ROOT, 'models'));
  const { timePoints, lesions } = createPhantom({ seed: 1, coarseness: 2 });
  const [lesion] = lesions;
  const [current, prior] = timePoints;
  boxes = [
    boxAround(current.volume, lesion!.currentLps, BOX),
    boxAround(prior.volume, lesion!.priorLps, BOX),
  ];
  codes = await compute(models, 'cpu');
  floats = await compute(floatForm(models.get(MODEL)), 'cpu');
});
afterAll(() => matcher.close());

describe('the floats of samepoint-ct', () => {
  it('point as its int8 codes do', async () => {
    for (const [n, map] of floats.pair[0]!.maps.entries()) {
      const all = cosines(map, codes.pair[0]!.maps[n]!);
      expect(all.length).toBeGreaterThan(0);
      expect(quantile(all, 0.5)).toBeGreaterThan(0.98);
      expect(quantile(all, 0.5)).toBeLessThan(1);
    }
    expect(await medianApart(codes, floats)).toBeLessThanOrEqual(LIMIT_MM.int8);
  });
});

describeWith(['vulkan'], 'the floats on WebGPU', () => {
  const before = process.env;
  beforeAll(() => {
    process.env = { ...before, ...SOFTWARE_VULKAN };
  });
  afterAll(() => {
    process.env = before;
  });

  it('are those of the CPU', async () => {
    const { pair, running } = await compute(models, 'webgpu', boxes.slice(0, 1));
    expect(running).toBe('webgpu');
    for (const [n, map] of pair[0]!.maps.entries())
      expect(quantile(cosines(map, floats.pair[0]!.maps[n]!), 0.01)).toBeGreaterThan(0.999);
    const mixed = { pair: [pair[0]!, floats.pair[1]!], running };
    expect(await medianApart(mixed, floats)).toBeLessThanOrEqual(LIMIT_MM.sameGraphs);
  });
});
