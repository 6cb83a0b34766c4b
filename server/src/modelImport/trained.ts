/**
 * Checkpoints of the training package (models/training): which network they say that they are.
 * @module
 */
import { z } from 'zod';
import { SamepointError } from '../errors/index.ts';
import type { PublishedKind } from './template.ts';

/** Keys of the configuration that change the result of a network but no shape of its weights, and their published values. */
const PUBLISHED_FORM = {
  network: {
    strides: '[[1,2,2],[1,2,2],[1,2,2],[2,2,2]]',
    stem_stride: '[1,1,1]',
    pool: '[2,1,1]',
    windows: '[]',
    phases: '1',
  },
  data: { ct_window: '[-1024,3071]' },
} as const;
const KINDS = { SAM: 'sam', 'UAE-S': 'uae-s', 'UAE-M': 'uae-m' } as const;

const schema = z.looseObject({
  step: z.number(),
  config: z.looseObject({
    kind: z.enum(['SAM', 'UAE-S', 'UAE-M']),
    network: z.record(z.string(), z.unknown()),
    data: z.record(z.string(), z.unknown()),
    curriculum: z.array(z.looseObject({ from_step: z.number(), network: z.looseObject({}).optional() })),
  }),
});

/** What the `meta` of a checkpoint of the training package says. */
export interface Training {
  readonly kind: PublishedKind;
  /** What prevents that the published graphs run these weights; undefined where nothing does. */
  readonly problem?: string;
}

/** Reads the `meta` of a checkpoint; undefined where it is not of the training package. */
export function trainingOf(meta: unknown): Training | undefined {
  if (typeof meta !== 'string') return undefined;
  const parsed = schema.safeParse(jsonOf(meta));
  if (!parsed.success) return undefined;
  const { config, step } = parsed.data;
  const staged = config.curriculum.filter(({ from_step: from }) => from <= step);
  const sections = {
    network: Object.assign({}, config.network, ...staged.map(({ network }) => network)) as Record<
      string,
      unknown
    >,
    data: config.data,
  };
  const kind = KINDS[config.kind];
  for (const [section, keys] of Object.entries(PUBLISHED_FORM)) {
    for (const [key, wanted] of Object.entries(keys)) {
      const found = JSON.stringify(sections[section as keyof typeof sections][key]);
      if (found !== wanted) return { kind, problem: `${section}.${key} is ${found}, published ${wanted}` };
    }
  }
  return { kind };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** @throws SamepointError models/import-failed where the published graphs would not give what was trained. */
export function assertPublishedForm(file: string, training: Training | undefined): void {
  if (training?.problem === undefined) return;
  const problem = `it was trained in another form (${training.problem}); export it with samepoint-export`;
  throw new SamepointError('models/import-failed', { file, problem });
}
