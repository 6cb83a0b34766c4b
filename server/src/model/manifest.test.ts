import { readFile } from 'node:fs/promises';
import { manifestSchema } from './manifest.ts';
import { manifestJson } from './testing/manifestJson.ts';

const halo = { halo: 2, bytesPerVoxel: 100 };
const fine = { tensor: 'fine', role: 'fine', channels: 2, stride: [1, 1, 1], centre: [0, 0, 0] };

/** Messages of the schema, with their paths. */
function problems(changes: Record<string, unknown>): string[] {
  const parsed = manifestSchema.safeParse(manifestJson(changes));
  return (parsed.error?.issues ?? []).map(({ path, message }) => `${path.join('.')}: ${message}`);
}

describe('manifestSchema', () => {
  it('accepts a network cut into three graphs', () => {
    const graphs = [
      {
        file: 'stem.onnx',
        inputs: { image: 'image' },
        outputs: { low: { tensor: 'low', zStride: 2 }, high: { tensor: 'high', zStride: 2 } },
        slab: { halo: 2, bytesPerVoxel: 900 },
      },
      {
        file: 'deep.onnx',
        inputs: { high: 'high' },
        outputs: { deep: { tensor: 'deep', zStride: 2 }, coarse: { tensor: 'coarse', zStride: 4 } },
        slab: 'whole',
      },
      {
        file: 'head.onnx',
        inputs: { low: 'low', high: 'high', deep: 'deep' },
        outputs: { fine: { tensor: 'fine', zStride: 2 } },
        slab: { halo: 2, bytesPerVoxel: 900 },
      },
    ];
    const outputs = [
      { ...fine, channels: 128, stride: [2, 2, 2], centre: [0.5, 0.5, 0.5] },
      { tensor: 'coarse', role: 'coarse', channels: 128, stride: [4, 16, 16], centre: [1.5, 7.5, 7.5] },
    ];
    expect(problems({ graphs, outputs, kind: 'sam' })).toEqual([]);
  });

  it.each([
    ['a newer manifest', { manifestVersion: 2 }, /manifestVersion/],
    [
      'another orientation',
      { input: { ...(manifestJson()['input'] as object), orientation: 'RAS' } },
      /orientation/,
    ],
    [
      'an empty intensity window',
      {
        input: {
          ...(manifestJson()['input'] as object),
          intensity: { CT: { type: 'window', low: 5, high: 5, scale: 1, offset: 0, outside: 0 } },
        },
      },
      /intensity\.CT: the lower bound/,
    ],
    [
      'no modality',
      { input: { ...(manifestJson()['input'] as object), intensity: {} } },
      /at least one modality/,
    ],
    [
      'a graph that reads what no graph made',
      {
        graphs: [
          {
            file: 'a.onnx',
            inputs: { x: 'nothing' },
            outputs: { fine: { tensor: 'fine', zStride: 1 } },
            slab: halo,
          },
        ],
      },
      /graphs\.0\.inputs\.x: no earlier graph makes "nothing"/,
    ],
    [
      'a halo that breaks the stride',
      {
        graphs: [
          {
            file: 'a.onnx',
            inputs: { x: 'image' },
            outputs: { f: { tensor: 'fine', zStride: 4 } },
            slab: halo,
          },
        ],
        outputs: [{ ...fine, stride: [4, 4, 4] }],
      },
      /halo: must be a multiple of the z strides, 4/,
    ],
    ['a map that no graph makes', { outputs: [{ ...fine, tensor: 'gone' }] }, /no graph makes "gone"/],
    ['the image as a map', { outputs: [{ ...fine, tensor: 'image' }] }, /no graph makes "image"/],
    ['another stride than its graph', { outputs: [{ ...fine, stride: [2, 1, 1] }] }, /z stride of 1/],
    ['no fine map', { outputs: [{ ...fine, role: 'coarse' }] }, /role fine/],
    ['two fine maps', { outputs: [fine, fine] }, /role fine is taken/],
    ['weights that do not sum to 1', { matching: { weights: { fine: 0.5 } } }, /sum 1/],
    [
      'weights of the structure that do not sum to 1',
      { matching: { weights: { fine: 1 }, structureWeights: { fine: 0.5 } } },
      /structureWeights: must hold one weight per/,
    ],
    ['a weight of a role it has not', { matching: { weights: { fine: 1, coarse: 0 } } }, /one weight per/],
  ])('refuses %s', (_, changes, message) => {
    expect(problems(changes).join('\n')).toMatch(message);
  });

  it.each([[['Chest']], [['CHEST', 'LEFT HIP']], [[]]])('refuses the body parts %j', (bodyParts) => {
    expect(problems({ bodyParts })).not.toEqual([]);
    expect(problems({ bodyParts: ['CHEST'] })).toEqual([]);
  });

  it.each(['mind-ssc', 'samepoint-ct', 'samepoint-ctmr'])('accepts the manifest of %s', async (name) => {
    const file = new URL(`../../../models/${name}/model.json`, import.meta.url);
    expect(manifestSchema.safeParse(JSON.parse(await readFile(file, 'utf8'))).error).toBeUndefined();
  });
});
