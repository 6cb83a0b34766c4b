/** The three conventions of the released code, against numbers that were computed by hand. */
import { embeddingKey } from '../../embeddingCache/index.ts';
import { lpsPoint, toLps, voxelIndex } from '../../geometry/index.ts';
import { matchPoints } from '../../matching/index.ts';
import { gridOf, SYNTHETIC_MODEL, syntheticEmbedding } from '../../matching/pool/syntheticEmbedding.ts';
import { manifestSchema } from '../../model/index.ts';
import type { Model } from '../../model/index.ts';
import { manifestJson } from '../../model/testing/manifestJson.ts';
import { flooredQuery, inOriginalForm, originalModels, withStretchedCoarse } from './original.ts';

/** Fine voxels of 4 mm; those of the volume have 2 mm, and its first centre lies at 0. */
const GRID = gridOf([9, 8, 7], [4, 4, 4], [1, 1, 1]);
const EMBEDDING = syntheticEmbedding({ grid: GRID });

describe('what lies outside', () => {
  const manifest = manifestSchema.parse(
    manifestJson({ matching: { weights: { fine: 1 }, nearestPriorMm: 8 } }),
  );
  const { id, title, version, kind, region } = manifest;
  const model: Model = {
    ...{ id, title, version, kind, region, manifest },
    modalities: ['CT'],
    directory: '',
  };
  const original = originalModels({ models: [model], failures: [], get: () => model });

  it('is 0 HU instead of air, and the embedding another one', () => {
    expect(manifest.input.intensity.CT?.outside).toBeLessThan(-900);
    expect(original.get(id).manifest.input.intensity.CT).toEqual({
      ...manifest.input.intensity.CT,
      outside: 0,
    });
    const series = { studyInstanceUid: '1', seriesInstanceUid: '2', sopInstanceUids: ['3'] };
    expect(embeddingKey(series, original.get(id))).not.toBe(embeddingKey(series, model));
  });

  it('and no place is preferred', () => {
    expect(original.models[0]?.manifest.matching).toEqual({ weights: { fine: 1 } });
  });
});

describe('the coarse map', () => {
  it('has the outer faces of the fine grid', () => {
    const fine = gridOf([91, 8, 7], [4, 4, 4], [1, 1, 1]);
    const [, coarse] = withStretchedCoarse(syntheticEmbedding({ grid: fine })).maps;
    expect(coarse?.grid.dims).toEqual([23, 2, 2]);
    // 91 / 23 = 3.957 fine voxels instead of 4: the last centre at 1 + 4 (22.5 * 3.957 - 0.5), not at 1 + 4 (88 + 1.5).
    const [x, y, z] = toLps(coarse!.grid.voxelToLps, voxelIndex(22, 1, 1));
    expect(x).toBeCloseTo(1 + 4 * ((22.5 * 91) / 23 - 0.5), 9);
    expect(x).toBeCloseTo(355.087, 3);
    // 8 / 2 = 4 fine voxels: where it was. 7 / 2 = 3.5: 1 + 4 (1.5 * 3.5 - 0.5).
    expect(y).toBeCloseTo(1 + 4 * 5.5, 9);
    expect(z).toBeCloseTo(20, 9);
  });

  it('is the only thing that moves', () => {
    const stretched = withStretchedCoarse(EMBEDDING);
    expect(stretched.maps[0]).toBe(EMBEDDING.maps[0]);
    expect(stretched.maps[1]?.vectors).toBe(EMBEDDING.maps[1]?.vectors);
  });
});

describe('the query', () => {
  it.each([
    [0, 1],
    [3.9, 1],
    [4, 5],
    [7.99, 5],
    [-1, 1],
    [35, 33],
  ])('at %d mm of the first voxel is read at the fine voxel at %d mm', (x, centre) => {
    // Ours reads 3.9 mm at 3.9 mm, between the voxels at 1 and 5.
    expect(flooredQuery(EMBEDDING, lpsPoint(x, 5, 9))).toEqual([centre, 5, 9]);
  });

  it('decides the answer: the place of that voxel', async () => {
    const points = [{ id: 'a', lps: lpsPoint(15.9, 15.9, 15.9) }];
    const request = inOriginalForm({ query: EMBEDDING, target: syntheticEmbedding({ grid: GRID }), points });
    const [outcome] = await matchPoints({ ...request, method: 'nearest', model: SYNTHETIC_MODEL });
    // Floored to voxel 3, whose centre lies at 13 mm; without the preset the answer is 15.9 mm.
    if (outcome?.ok !== true) throw new Error('no answer');
    for (const coordinate of outcome.match.target.lps) expect(Math.abs(coordinate - 13)).toBeLessThan(0.5);
  });
});
