/** Checkpoints of models/training; whole files: test/trainingLoop.test.ts. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openCheckpoint } from './checkpoint.ts';
import { dictionary, tensor, text, torchFile } from './testing/torchFile.ts';
import { assertPublishedForm, trainingOf } from './trained.ts';

const NETWORK = {
  strides: [[1, 2, 2], [1, 2, 2], [1, 2, 2], [2, 2, 2]],
  stem_stride: [1, 1, 1],
  pool: [2, 1, 1],
  windows: [],
  phases: 1,
}; // prettier-ignore
const CURRICULUM = [{ from_step: 3, network: { phases: 2 } }, { from_step: 9 }];

function metaOf(change: object = {}, step = 2): string {
  const config = {
    kind: 'UAE-M',
    network: NETWORK,
    data: { ct_window: [-1024.0, 3071.0] },
    curriculum: CURRICULUM,
  };
  return JSON.stringify({ step, config: { ...config, ...change } });
}

test.each([
  ['SAM', 'sam'],
  ['UAE-S', 'uae-s'],
  ['UAE-M', 'uae-m'],
])('%s is the kind %s', (name, kind) => {
  expect(trainingOf(metaOf({ kind: name }))).toEqual({ kind });
});

test.each([
  ['a second phase', metaOf({}, 3), 'network.phases is 2, published 1'],
  ['a second phase before another stage', metaOf({}, 10), 'network.phases is 2, published 1'],
  ['other strides', metaOf({ network: { ...NETWORK, strides: [] } }), 'network.strides is [], published '],
  ['no pool', metaOf({ network: { ...NETWORK, pool: undefined } }), 'network.pool is undefined, published '],
  ['windowed CT', metaOf({ data: { ct_window: [-250, 600] } }), 'data.ct_window is [-250,600], published '],
])('%s is not what the published graphs compute', (_, meta, problem) => {
  const training = trainingOf(meta);
  expect(training?.problem).toContain(problem);
  expect(() => {
    assertPublishedForm('a.pt', training);
  }).toThrow(/samepoint-export/u);
});

test.each([
  ['no text', { config: {} }],
  ['no JSON', '{"config":'],
  ['another kind', metaOf({ kind: 'RESNET' })],
  ['no step', JSON.stringify({ config: {} })],
])('%s: not of the training package', (_, meta) => {
  expect(trainingOf(meta)).toBeUndefined();
  expect(() => {
    assertPublishedForm('a.pt', undefined);
  }).not.toThrow();
});

test('its averaged weights are the checkpoint', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'samepoint-trained-'));
  const file = join(folder, 'weights.pt');
  const value = dictionary([
    ['meta', text(metaOf())],
    ['net', dictionary([['w', tensor('0', { shape: [1] })]])],
    ['ema', dictionary([['w', tensor('1', { shape: [2, 2], strides: [1, 2], type: 'HalfStorage' })]])],
    ['moments', dictionary([])],
  ]);
  const halves = Buffer.from(Uint16Array.of(0x3c00, 0x4000, 0x4200, 0x4400).buffer);
  await writeFile(file, torchFile(value, new Map([['1', halves]])));
  const checkpoint = await openCheckpoint(file);
  expect(checkpoint.training).toEqual({ kind: 'uae-m' });
  expect(checkpoint.ignored).toEqual(['meta', 'net', 'moments']);
  expect([...(await checkpoint.read('w'))]).toEqual([1, 3, 2, 4]);
  await checkpoint.close();
  await rm(folder, { recursive: true });
});
