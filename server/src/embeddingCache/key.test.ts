import fc from 'fast-check';
import type { Affine } from '../geometry/index.ts';
import { smallEmbedding } from '../embedding/testing/smallEmbedding.ts';
import { embeddingKey, turnedEmbeddingKey } from './key.ts';
import type { KeyedSeries } from './key.ts';
import { manifestSchema } from '../model/manifest.ts';
import type { Model } from '../model/registry.ts';
import { INPUT, manifestJson } from '../model/testing/manifestJson.ts';

function model(changes: Record<string, unknown> = {}): Model {
  const manifest = manifestSchema.parse(manifestJson(changes));
  const { id, title, version, kind, region } = manifest;
  return { id, title, version, kind, region, modalities: ['CT'], manifest, directory: '/models/toy' };
}
const SERIES = { studyInstanceUid: '1.1', seriesInstanceUid: '1.1.1', patient: 'a' };
function keyOf(sopInstanceUids: readonly string[], one: Model, series: Partial<KeyedSeries> = {}): string {
  return embeddingKey({ ...SERIES, ...series, sopInstanceUids }, one);
}
const [graph] = manifestJson().graphs;

describe('turnedEmbeddingKey', () => {
  const embedding = smallEmbedding(1);
  const half: Affine = [1, 0, 0, 0, 0, -1, 0, 0, 0, 0, -1, 0];
  const key = turnedEmbeddingKey(embedding, half, model());
  const origin = { instances: [{ sopInstanceUid: '1', digest: 'a', encoded: 'b', bytes: 1 }] };

  it('is the same for the same images and turn', () => {
    expect(key).toMatch(/^[0-9a-f]{64}$/);
    expect(turnedEmbeddingKey({ ...embedding }, [...half], model())).toBe(key);
  });

  it('is another one for another turn, series, model and content, and for no turn', () => {
    const { volume } = embedding;
    const others = [
      turnedEmbeddingKey(embedding, [-1, 0, 0, 0, 0, -1, 0, 0, 0, 0, 1, 0], model()),
      turnedEmbeddingKey({ ...embedding, volume: { ...volume, seriesInstanceUid: '9' } }, half, model()),
      turnedEmbeddingKey(embedding, half, model({ id: 'other' })),
      turnedEmbeddingKey({ ...embedding, origin }, half, model()),
      embeddingKey({ ...volume, sopInstanceUids: [] }, model()),
    ];
    expect(new Set([key, ...others]).size).toBe(others.length + 1);
  });
});

describe('embeddingKey', () => {
  it('depends on the set of instances, not on their order', () => {
    const uids = fc.uniqueArray(fc.stringMatching(/^2\.25\.[1-9][0-9]{0,30}$/), { minLength: 1 });
    fc.assert(
      fc.property(uids, (list) => {
        const key = keyOf(list, model());
        expect(key).toMatch(/^[0-9a-f]{64}$/);
        expect(keyOf([...list, ...list].reverse(), model())).toBe(key);
        expect(keyOf([...list, '1.2.3'], model())).not.toBe(key);
        expect(keyOf(list.slice(1), model())).not.toBe(key);
      }),
    );
  });

  it('distinguishes PACS, and is what it was where there is one', () => {
    const key = keyOf(['1.2'], model());
    expect(keyOf(['1.2'], model(), { source: undefined })).toBe(key);
    const others = ['main', 'archive'].map((source) => keyOf(['1.2'], model(), { source }));
    expect(new Set([key, ...others]).size).toBe(3);
  });

  it('does not mix up instances that read the same when joined', () => {
    expect(keyOf(['1.2', '3'], model())).not.toBe(keyOf(['1.23'], model()));
  });

  it.each([
    ['the files', { graphs: [{ ...graph, sha256: 'b'.repeat(64) }] }],
    ['a form for GPUs', { forms: [{ providers: ['cuda'], graphs: [graph] }] }],
    ['the model', { id: 'other' }],
    ['the spacing', { input: { ...INPUT, spacingMm: 2 } }],
  ])('changes with %s', (_, changes) => {
    expect(keyOf(['1.2'], model(changes))).not.toBe(keyOf(['1.2'], model()));
  });

  it.each([
    ['the title', { title: 'New title' }],
    ['the body parts', { bodyParts: ['CHEST'] }],
  ])('does not change with %s', (_, changes) => {
    expect(keyOf(['1.2'], model(changes))).toBe(keyOf(['1.2'], model()));
  });

  it.each([
    ['the study', { studyInstanceUid: '1.2' }],
    ['the series', { seriesInstanceUid: '1.1.2' }],
    ['the patient', { patient: 'b' }],
    [
      'a study and a series that read the same when joined',
      { studyInstanceUid: '1.11', seriesInstanceUid: '.1.1' },
    ],
  ])('distinguishes the same instances by %s', (_, series) => {
    expect(keyOf(['1.2'], model(), series)).not.toBe(keyOf(['1.2'], model()));
  });

  it('distinguishes a patient without an id from every other', () => {
    const { patient, ...nameless } = SERIES;
    const key = embeddingKey({ ...nameless, sopInstanceUids: ['1.2'] }, model());
    expect(key).not.toBe(keyOf(['1.2'], model(), { patient }));
    expect(key).not.toBe(keyOf(['1.2'], model(), { patient: '' }));
  });
});
