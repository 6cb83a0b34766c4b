import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { KernelShape } from './fold.ts';

/** The published networks: SAM (Yan et al., 2022), UAE-S and UAE-M (Bai et al., 2023). */
export const PUBLISHED_KINDS = ['sam', 'uae-s', 'uae-m'] as const;
/** One of {@link PUBLISHED_KINDS}, as in the manifest's `kind`. */
export type PublishedKind = (typeof PUBLISHED_KINDS)[number];

const size = z.number().int().positive();

const layer = z.strictObject({
  /** Prefix of the layer's keys in the state_dict. */
  name: z.string(),
  shape: z.tuple([size, size, size, size, size]),
  /** Followed by a batch norm and without bias, or the other way round. */
  norm: z.boolean(),
  /** File of the graph that has this layer; null for one that no graph uses. */
  graph: z.string().nullable(),
});

const schema = z.strictObject({
  /** model.json without hashes; checked as a whole when they are in. */
  manifest: z.looseObject({ id: z.string(), graphs: z.array(z.looseObject({ file: z.string() })) }),
  layers: z.array(layer),
});

/** One convolution of a published network. */
export type Layer = z.infer<typeof layer>;
/** How a published network becomes a model; made by models/training/samepoint_training/template.py. */
export type Template = z.infer<typeof schema>;

/** Reads `<directory>/<kind>/template.json`. */
export async function readTemplate(directory: string, kind: PublishedKind): Promise<Template> {
  return schema.parse(JSON.parse(await readFile(join(directory, kind, 'template.json'), 'utf8')));
}

/** Keys of a layer in the state_dict. */
export function layerKeys({ name }: Layer): {
  readonly weight: string;
  readonly bias: string;
  readonly norm: Readonly<Record<'weight' | 'bias' | 'mean' | 'variance' | 'batches', string>>;
} {
  return {
    weight: `${name}.conv.weight`,
    bias: `${name}.conv.bias`,
    norm: {
      weight: `${name}.bn.weight`,
      bias: `${name}.bn.bias`,
      mean: `${name}.bn.running_mean`,
      variance: `${name}.bn.running_var`,
      batches: `${name}.bn.num_batches_tracked`,
    },
  };
}

/** What a key of the state_dict must hold. */
export interface ExpectedTensor {
  readonly shape: readonly number[];
  readonly type: 'FloatStorage' | 'LongStorage';
}

/** Every key of a network and what it holds. */
export function expectedTensors(layers: readonly Layer[]): Map<string, ExpectedTensor> {
  const expected = new Map<string, ExpectedTensor>();
  for (const item of layers) {
    const keys = layerKeys(item);
    const channel: ExpectedTensor = { shape: [item.shape[0]], type: 'FloatStorage' };
    expected.set(keys.weight, { shape: item.shape, type: 'FloatStorage' });
    if (!item.norm) {
      expected.set(keys.bias, channel);
      continue;
    }
    const { batches, ...statistics } = keys.norm;
    for (const key of Object.values(statistics)) expected.set(key, channel);
    expected.set(batches, { shape: [], type: 'LongStorage' });
  }
  return expected;
}

/** The 3-D sizes of a layer's weight as a 2-D weight with z taps as channels. */
export function foldedShape([outputs, inputs, taps, rows, columns]: KernelShape): readonly number[] {
  return [outputs, taps * inputs, rows, columns];
}
