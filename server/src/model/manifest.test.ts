import { readFile } from 'node:fs/promises';
import { formFor, manifestFor } from './layout.ts';
import { manifestSchema } from './manifest.ts';
import { INPUT, manifestJson } from './testing/manifestJson.ts';

const halo = { halo: 2, bytesPerVoxel: 100 };
const fine = { tensor: 'fine', role: 'fine', channels: 2, stride: [1, 1, 1], centre: [0, 0, 0] };

const MR_INTENSITY = { type: 'percentile', lowPercent: 1, highPercent: 99, scale: 1, offset: 0, outside: 0 };

/** Messages of the schema, with their paths. */
function problems(changes: Record<string, unknown>): string[] {
  const parsed = manifestSchema.safeParse(manifestJson(changes));
  return (parsed.error?.issues ?? []).map(({ path, message }) => `${path.join('.')}: ${message}`);
}

/** A manifest whose calibration of one method is changed. */
function calibrated(changes: object, method = 'refined'): Record<string, unknown> {
  const calibration = {
    intercept: 0,
    coefficients: { cycle: 0.5 },
    steps: { local: 0 },
    quantile: 2,
    matchedRadiusMm: 9,
    matchedSimilarity: 0.5,
  };
  return { matching: { weights: { fine: 1 }, calibration: { [method]: { ...calibration, ...changes } } } };
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

  /** Graphs of two modalities that make the same tensor. */
  const perModality = (ct: readonly string[], mr: readonly string[]): Record<string, unknown> => {
    const graph = {
      inputs: { image: 'image' },
      outputs: { fine: { tensor: 'fine', zStride: 1 } },
      slab: halo,
    };
    const intensity = { ...INPUT.intensity, MR: { ...MR_INTENSITY } };
    return {
      input: { ...INPUT, intensity },
      graphs: [
        { ...graph, file: 'ct.onnx', modalities: ct },
        { ...graph, file: 'mr.onnx', modalities: mr },
      ],
    };
  };

  it('accepts a network of its own for each modality, and gives the graphs of one', () => {
    const manifest = manifestSchema.parse(manifestJson(perModality(['CT'], ['MR'])));
    expect(manifestFor(manifest, 'CT').graphs.map(({ file }) => file)).toEqual(['ct.onnx']);
    expect(manifestFor(manifest, 'MR').graphs.map(({ file }) => file)).toEqual(['mr.onnx']);
  });

  it('gives all graphs of a model that names no modalities', () => {
    const manifest = manifestSchema.parse(manifestJson());
    expect(manifestFor(manifest, 'CT')).toEqual(manifest);
  });

  it.each([
    [
      'two graphs that make a tensor for one modality',
      ['CT', 'MR'],
      ['MR'],
      'graphs.1.outputs.fine: "fine" exists already',
    ],
    ['a modality without its map', ['CT'], ['CT'], 'outputs.0.tensor: no graph makes "fine"'],
    [
      'a modality that the input does not read',
      ['CT'],
      ['MR', 'PT'],
      'graphs.1.modalities: the input has no intensity of PT',
    ],
  ])('refuses %s', (_, ct, mr, problem) => {
    expect(problems(perModality(ct, mr))).toContain(problem);
  });

  it.each([
    ['a newer manifest', { manifestVersion: 2 }, /manifestVersion/],
    ['another orientation', { input: { ...INPUT, orientation: 'RAS' } }, /orientation/],
    [
      'an empty intensity window',
      {
        input: {
          ...INPUT,
          intensity: { CT: { type: 'window', low: 5, high: 5, scale: 1, offset: 0, outside: 0 } },
        },
      },
      /intensity\.CT: the lower bound/,
    ],
    ['no modality', { input: { ...INPUT, intensity: {} } }, /at least one modality/],
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
    ['two fine maps', { outputs: [fine, fine] }, /role fine occurs twice/],
    ['weights that do not sum to 1', { matching: { weights: { fine: 0.5 } } }, /sum 1/],
    [
      'weights of the neighbour map that do not sum to 1',
      { matching: { weights: { fine: 1 }, neighbourMapWeights: { fine: 0.5 } } },
      /neighbourMapWeights: must hold one weight per/,
    ],
    [
      'a calibration of a method that does not exist',
      calibrated({}, 'refinned'),
      /matching\.calibration: "refinned" is none of refined, nearest, structural, field/,
    ],
    [
      'a step that no method has',
      calibrated({ steps: { locl: 0 } }),
      /refined\.steps: "locl" is none of local, surroundings, farther, neighbour-map, nearest, structural, field/,
    ],
    [
      'a coefficient of a feature that does not exist',
      calibrated({ coefficients: { cylce: 0.5 } }),
      /refined\.coefficients: "cylce" is none of cycle, dissimilarity, rivalry, spread, /,
    ],
    [
      'what the weights of the neighbour map were called',
      { matching: { weights: { fine: 1 }, structureWeights: { fine: 1 } } },
      /matching: "structureWeights" is now called "neighbourMapWeights"/,
    ],
    [
      'what the step of the neighbour map was called',
      calibrated({ steps: { structure: 0 } }),
      /refined\.steps: "structure" is now called "neighbour-map"/,
    ],
    [
      'what the limits of two patients were called',
      calibrated({ strangers: { agreement: 0.3, radiusMm: 20 } }),
      /calibration\.refined: "strangers" is now called "differentPatients"/,
    ],
    [
      'a calibration of modalities that do not exist',
      {
        matching: {
          weights: { fine: 1 },
          modalityCalibrations: [{ modalities: ['CT', 'US'], calibration: {} }],
        },
      },
      /modalityCalibrations\.0\.modalities\.1/,
    ],
    [
      'a calibration of modalities with a method that does not exist',
      {
        matching: {
          weights: { fine: 1 },
          modalityCalibrations: [{ modalities: ['CT', 'MR'], calibration: { near: {} } }],
        },
      },
      /modalityCalibrations\.0\.calibration: "near" is none of refined, /,
    ],
    ['a weight of a role it has not', { matching: { weights: { fine: 1, coarse: 0 } } }, /one weight per/],
  ])('refuses %s', (_, changes, message) => {
    expect(problems(changes).join('\n')).toMatch(message);
  });

  /** Forms of one graph each, for these providers. */
  const forms = (...providers: readonly (readonly string[])[]): Record<string, unknown> => {
    const { graphs } = manifestJson();
    return {
      forms: providers.map((own) => ({
        providers: own,
        graphs: graphs.map((graph) => ({ ...graph, file: 'float.onnx' })),
      })),
    };
  };

  it('gives the graphs of the form for a provider, and otherwise its own', () => {
    const manifest = manifestSchema.parse(manifestJson(forms(['webgpu', 'cuda'])));
    const files = (['webgpu', 'coreml', 'cpu'] as const).map((one) => formFor(manifest, one).graphs[0]?.file);
    expect(files).toEqual(['float.onnx', 'toy.onnx', 'toy.onnx']);
  });

  it.each([
    ['a form for the CPU', forms(['cpu']), /^forms\.0\.providers\.0: /],
    ['two forms for one provider', forms(['cuda'], ['webgpu', 'cuda']), /^forms\.1\.providers: cuda has/],
    ['a form that lacks a map', { forms: [{ providers: ['cuda'], graphs: [] }] }, /^forms\.0\.graphs: /],
  ])('refuses %s', (_, changes, message) => {
    expect(problems(changes).join('\n')).toMatch(message);
  });

  it('checks the graphs of a form as those of the model', () => {
    const [graph] = manifestJson().graphs;
    const other = { ...graph, outputs: { fine: { tensor: 'other', zStride: 1 } } };
    const [problem] = problems({ forms: [{ providers: ['cuda'], graphs: [other] }] });
    expect(problem).toBe('forms.0.outputs.0.tensor: no graph makes "fine"');
  });

  it('accepts a calibration', () => {
    const differentPatients = { agreement: 0.3, radiusMm: 20 };
    expect(problems(calibrated({ differentPatients }))).toEqual([]);
  });

  it.each([[['Chest']], [['CHEST', 'LEFT HIP']], [[]]])('refuses the body parts %j', (bodyParts) => {
    expect(problems({ bodyParts })).not.toEqual([]);
    expect(problems({ bodyParts: ['CHEST'] })).toEqual([]);
  });

  it.each(['mind-ssc', 'samepoint-ct', 'samepoint-any'])('accepts the manifest of %s', async (name) => {
    const file = new URL(`../../../models/${name}/model.json`, import.meta.url);
    expect(manifestSchema.safeParse(JSON.parse(await readFile(file, 'utf8'))).error).toBeUndefined();
  });
});
