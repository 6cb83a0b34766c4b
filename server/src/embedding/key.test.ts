import fc from 'fast-check';
import { embeddingKey } from './key.ts';
import { manifestSchema } from './manifest.ts';
import type { Model } from './registry.ts';
import { manifestJson } from './testing/manifestJson.ts';

function model(changes: Record<string, unknown> = {}): Model {
  const manifest = manifestSchema.parse(manifestJson(changes));
  const { id, title, version, kind, region } = manifest;
  return { id, title, version, kind, region, modalities: ['CT'], manifest, directory: '/models/toy' };
}
const [graph] = manifestJson()['graphs'] as object[];

describe('embeddingKey', () => {
  it('depends on the set of instances, not on their order', () => {
    const uids = fc.uniqueArray(fc.stringMatching(/^2\.25\.[1-9][0-9]{0,30}$/), { minLength: 1 });
    fc.assert(
      fc.property(uids, (list) => {
        const key = embeddingKey(list, model());
        expect(key).toMatch(/^[0-9a-f]{64}$/);
        expect(embeddingKey([...list, ...list].reverse(), model())).toBe(key);
        expect(embeddingKey([...list, '1.2.3'], model())).not.toBe(key);
        expect(embeddingKey(list.slice(1), model())).not.toBe(key);
      }),
    );
  });

  it('does not mix up instances that read the same when joined', () => {
    expect(embeddingKey(['1.2', '3'], model())).not.toBe(embeddingKey(['1.23'], model()));
  });

  it.each([
    ['the files', { graphs: [{ ...graph, sha256: 'b'.repeat(64) }] }],
    ['the model', { id: 'other' }],
    ['the spacing', { input: { ...(manifestJson()['input'] as object), spacingMm: 2 } }],
  ])('changes with %s', (_, changes) => {
    expect(embeddingKey(['1.2'], model(changes))).not.toBe(embeddingKey(['1.2'], model()));
  });

  it.each([
    ['the title', { title: 'New title' }],
    ['the body parts', { bodyParts: ['CHEST'] }],
  ])('does not change with %s', (_, changes) => {
    expect(embeddingKey(['1.2'], model(changes))).toBe(embeddingKey(['1.2'], model()));
  });
});
