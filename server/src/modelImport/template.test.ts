/** The committed templates against the spec's list of keys. */
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { expectedTensors, PUBLISHED_KINDS, readTemplate } from './template.ts';
import type { PublishedKind } from './template.ts';

const MODELS = resolve(import.meta.dirname, '../../../models');
const TEMPLATES = resolve(MODELS, 'templates');
const KEYS_TABLE = resolve(MODELS, 'training/tests/sam-uae-keys.tsv');

describe('templates', () => {
  /** Keys and shapes of UAE, from the spec: `key<TAB>(1, 2)`. */
  const table = async (): Promise<Map<string, string>> => {
    const lines = (await readFile(KEYS_TABLE, 'utf8')).trim().split('\n');
    return new Map(lines.map((line) => line.split('\t') as [string, string]));
  };

  it.each(PUBLISHED_KINDS)('%s names every published key with its shape', async (kind) => {
    const keys = [...(await table())].filter(([key]) => kind !== 'sam' || !key.startsWith('semantic_head.'));
    const tuples = new Map(
      [...expectedTensors((await readTemplate(TEMPLATES, kind)).layers)].map(([key, { shape }]) => [
        key,
        `(${shape.join(', ')}${shape.length === 1 ? ',' : ''})`,
      ]),
    );
    expect(tuples).toEqual(new Map(keys));
  });

  it('uses the semantic head in UAE-S only', async () => {
    const used = async (kind: PublishedKind): Promise<unknown> =>
      ((await readTemplate(TEMPLATES, kind)).manifest['matching'] as { weights: unknown }).weights;
    expect(await used('sam')).toEqual({ fine: 1 / 2, coarse: 1 / 2 });
    expect(await used('uae-s')).toEqual({ fine: 1 / 3, coarse: 1 / 3, semantic: 1 / 3 });
    expect(await used('uae-m')).toEqual({ fine: 1 / 2, coarse: 1 / 2 });
  });
});
