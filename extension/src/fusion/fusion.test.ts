/**
 * Pictures over the panes of a fake viewer: what is requested and drawn, and what is said where nothing can be.
 * @jest-environment <rootDir>/src/testing/browserEnvironment.mjs
 */
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { ViewerFailure } from '../client/failure.ts';
import type { Field } from '../linked/field.ts';
import { fieldBetween, settled } from '../linked/testing/linkedPanes.ts';
import type { DisplaySet } from '../ohif.d.ts';
import { lesionOf, marked, proposed, uidOf } from '../testing/examples.ts';
import { axialSeries } from '../testing/fakeHost.ts';
import { CHANGE, CLEAR, GREY, NO_IMAGE } from './palette.ts';
import { decodeSimilarity } from './similarityVolume.ts';
import { encodeSimilarity } from './testing/encodeSimilarity.ts';
import { FusedPanes, withCanvas } from './testing/fusedPanes.ts';

let panes: FusedPanes;
let drawn: ReadonlyMap<HTMLCanvasElement, Uint32Array>;

/** Opens other panes. */
function start(shown?: Readonly<Record<string, DisplaySet>>): void {
  panes.stop();
  panes = new FusedPanes(shown);
}

/** The pixel in the middle of the picture over a pane. */
function middle(id: string): number | undefined {
  const canvas = panes.canvas(id);
  if (canvas === undefined) return undefined;
  return drawn.get(canvas)?.[Math.floor(canvas.height / 2) * canvas.width + Math.floor(canvas.width / 2)];
}

const localizer = (series: DisplaySet): DisplaySet => ({ ...series, numImageFrames: 1 });

beforeEach(() => {
  drawn = withCanvas();
  panes = new FusedPanes();
});

afterEach(() => {
  panes.stop();
  jest.restoreAllMocks();
});

describe('the similarity map', () => {
  test('lies over the other scan, with its range, and the same key removes it', async () => {
    panes.select();
    await panes.run('toggleSimilarity');
    expect(panes.requests).toEqual(['similarity 1.2.current.9 1.2.prior.9']);
    expect(panes.text('right')).toBe('Similarity to Lesion a0.200.90');
    expect(middle('right')! >>> 24).toBeGreaterThan(0);
    expect([panes.text('left'), panes.canvas('left')]).toEqual([undefined, undefined]);
    await panes.run('toggleSimilarity');
    expect([panes.text('right'), panes.fusion.mode]).toEqual([undefined, 'off']);
  });

  test('is requested once, follows each step, and has nothing outside of its field of view', async () => {
    panes.select();
    await panes.run('toggleSimilarity');
    const before = middle('right');
    panes.show('right', 60);
    expect(middle('right')).toBe(before);
    panes.show('right', 400);
    expect(middle('right')).toBe(CLEAR);
    await panes.run('toggleSimilarity');
    await panes.run('toggleSimilarity');
    expect(panes.requests).toHaveLength(1);
  });

  test('is not painted again when only the window of the image changes', async () => {
    panes.select();
    await panes.run('toggleSimilarity');
    const put = jest.spyOn(HTMLCanvasElement.prototype, 'getContext');
    panes.show('right', 0);
    expect(put).not.toHaveBeenCalled();
    panes.show('right', 5);
    expect(put).toHaveBeenCalledTimes(1);
  });

  test('needs a selected lesion, and says so', async () => {
    await panes.run('toggleSimilarity');
    expect(panes.fake.toasts.map(({ message }) => message)).toEqual([
      expect.stringContaining('Select a lesion'),
    ]);
    expect([panes.fusion.mode, panes.requests]).toEqual(['off', []]);
  });

  test('is of the place in the active pane, else of one in a scan that is open', async () => {
    const { lesions } = panes.context;
    const observations = [marked('closed', [0, 0, 0]), proposed(), marked('prior', [4, -3, 40])];
    lesions.add(lesionOf('b', observations));
    lesions.select(uidOf('b'));
    panes.fake.activeViewportId = undefined;
    await panes.run('toggleSimilarity');
    panes.fake.activeViewportId = 'left';
    panes.fusion.update();
    await settled();
    expect(panes.requests).toEqual([
      'similarity 1.2.prior.9 1.2.current.9',
      'similarity 1.2.current.9 1.2.prior.9',
    ]);
  });

  test('goes with the series that it is of', async () => {
    panes.select();
    await panes.run('toggleSimilarity');
    const other = axialSeries('other', '20200101', 'Q');
    panes.fake.displaySets = [...panes.fake.displaySets, other];
    panes.fake.panes = { ...panes.fake.panes, right: other };
    panes.fusion.update();
    expect(panes.canvas('right')).toBeUndefined();
    expect(panes.text('right')).toBe('Not computed: another patient');
  });

  test('of another series than the one on the screen is never drawn', async () => {
    panes.similarity = () => Promise.resolve(decodeSimilarity(encodeSimilarity({ target: '1.2.else.9' })));
    panes.select();
    await panes.run('toggleSimilarity');
    expect(panes.canvas('right')).toBeUndefined();
    expect(panes.text('right')).toBe('Not computed: these images cannot be compared');
  });

  test('says how far it is, and the reason of a failure; the next try requests it anew', async () => {
    panes.select();
    let fail: (error: Error) => void = () => undefined;
    panes.similarity = (_, { onProgress }) =>
      new Promise((_resolve, reject) => {
        onProgress({ stage: 'embed', fraction: 0.4, message: '' });
        fail = reject;
      });
    await panes.run('toggleSimilarity');
    expect(panes.text('right')).toBe('Comparing the scans … 40 %');
    fail(new ViewerFailure('dicomweb/series-not-found', 'The PACS does not have this scan.', ''));
    await settled();
    expect(panes.text('right')).toBe('Not computed: The PACS does not have this scan.');
    await panes.run('toggleSimilarity');
    await panes.run('toggleSimilarity');
    expect(panes.requests).toHaveLength(2);
  });

  test('stops its request when it is switched off', async () => {
    panes.select();
    let signal: AbortSignal | undefined;
    panes.similarity = (_, options) => {
      ({ signal } = options);
      return new Promise(() => undefined);
    };
    await panes.run('toggleSimilarity');
    await panes.run('toggleSimilarity');
    expect(signal?.aborted).toBe(true);
  });

  test.each<[string, DisplaySet, string]>([
    ['another patient', axialSeries('prior', '20230211', 'Q'), 'another patient'],
    ['a localizer', localizer(axialSeries('prior', '20230211')), 'these images cannot be compared'],
    [
      'a modality that no model reads',
      { ...axialSeries('prior', '20230211'), Modality: 'US' },
      'these images cannot be compared',
    ],
  ])('is not requested for %s', async (_, right, why) => {
    start({ left: axialSeries('current', '20240301'), right });
    panes.select();
    await panes.run('toggleSimilarity');
    expect([panes.text('right'), panes.canvas('right'), panes.requests]).toEqual([
      `Not computed: ${why}`,
      undefined,
      [],
    ]);
  });
});

describe('the subtraction of the prior', () => {
  test('is red over the current scan where it has more, blue where it has less, and clear where nothing changed', async () => {
    for (const [now, colour] of [
      [100, CHANGE.colours[255]],
      [-400, CHANGE.colours[0]],
      [-95, CLEAR],
    ] as const) {
      start();
      panes.fill({ current: now, prior: -100 });
      panes.show('left', 100);
      await panes.run('toggleDifference');
      expect(panes.requests).toEqual(['field 1.2.current.9 1.2.prior.9']);
      expect(middle('left')).toBe(colour);
      expect(panes.text('left')).toContain('Change since 11-Feb-2023');
      expect(panes.text('left')).toContain('Computed, not an acquired image');
      expect([panes.text('right'), panes.canvas('right')]).toEqual([undefined, undefined]);
    }
  });

  test('is replaced by the prior in its place, in grey, and ends with the same key', async () => {
    panes.fill({ current: 0, prior: 240 });
    panes.show('left', 100);
    await panes.run('toggleDifference');
    await panes.run('toggleWarped');
    expect(middle('left')).toBe(GREY.colours[255]);
    expect(panes.text('left')).toContain('Prior of 11-Feb-2023, warped onto this scan');
    expect(panes.text('left')).toContain('Computed, not an acquired image');
    panes.show('left', 600);
    expect(middle('left')).toBe(NO_IMAGE);
    await panes.run('toggleWarped');
    expect([panes.text('left'), panes.fusion.mode]).toEqual([undefined, 'off']);
  });

  test('has missing images loaded as the viewer does, each once, and is painted again when they are there', async () => {
    panes.fill({ current: 100 });
    panes.show('left', 100);
    const loaded: string[] = [];
    panes.fake.loadImage = (imageId) => {
      loaded.push(imageId);
      if (loaded.length === 1) panes.fill({ prior: -100 });
      return Promise.resolve();
    };
    await panes.run('toggleDifference');
    await settled();
    expect(loaded.length).toBeGreaterThan(0);
    expect(new Set(loaded).size).toBe(loaded.length);
    expect(middle('left')).toBe(CHANGE.colours[255]);
  });

  test('is not drawn from images that cannot be loaded: the scan was deleted meanwhile', async () => {
    panes.fill({ current: 100 });
    panes.show('left', 100);
    await panes.run('toggleDifference');
    await settled();
    expect(panes.text('left')).toBe('Not computed: images of the prior could not be loaded');
    expect(panes.canvas('left')).toBeUndefined();
  });

  test('needs a prior on the screen, and says so', async () => {
    start({ left: axialSeries('current', '20240301') });
    expect(panes.fusion.canSubtract).toBe(false);
    await panes.run('toggleDifference');
    expect(panes.fake.toasts.map(({ message }) => message)).toEqual([
      expect.stringContaining('Show the prior'),
    ]);
    expect(panes.fusion.mode).toBe('off');
  });

  test('goes when no prior is on the screen any more', async () => {
    panes.fill({ current: 100, prior: 0 });
    panes.show('left', 100);
    await panes.run('toggleDifference');
    panes.fake.panes = { left: panes.fake.panes['left']! };
    panes.fusion.update();
    expect([panes.text('left'), panes.canvas('left')]).toEqual([undefined, undefined]);
  });

  const failing = (code: string, message: string) => (): Promise<Field> =>
    Promise.reject(new ViewerFailure(code, message, ''));
  const mirrored = fieldBetween('current', 'prior').affine.map(([x = 0, ...row]) => [-x, ...row]);

  test.each<[string, DisplaySet, (() => Promise<Field>) | Partial<Field>, string]>([
    ['another patient', axialSeries('prior', '20230211', 'Q'), {}, 'another patient'],
    [
      'another modality',
      { ...axialSeries('prior', '20230211'), Modality: 'MR' },
      {},
      'differences are computed between CT scans only',
    ],
    ['a localizer', localizer(axialSeries('prior', '20230211')), {}, 'these images cannot be compared'],
    [
      'no overlap',
      axialSeries('prior', '20230211'),
      { quality: { ...fieldBetween('a', 'b').quality, coveredShare: 0 } },
      'the scans have no region in common',
    ],
    [
      'another region',
      axialSeries('prior', '20230211'),
      { verdict: 'different-region' },
      'another region of the body',
    ],
    [
      'a map that is not sure',
      axialSeries('prior', '20230211'),
      { verdict: 'unsure' },
      'the scans could not be aligned reliably',
    ],
    [
      'a mirror image',
      axialSeries('prior', '20230211'),
      { affine: mirrored },
      'left and right do not agree in the two scans',
    ],
    [
      'a pair that the server refuses',
      axialSeries('prior', '20230211'),
      failing('matching/mirrored-pair', 'The scans are mirrored.'),
      'left and right do not agree in the two scans',
    ],
    [
      'no answer',
      axialSeries('prior', '20230211'),
      failing('viewer/unreachable', 'The server does not answer.'),
      'The server does not answer.',
    ],
  ])('draws nothing and says why: %s', async (_, right, answer, why) => {
    start({ left: axialSeries('current', '20240301'), right });
    panes.fill({ current: 100, prior: 0 });
    panes.field =
      typeof answer === 'function' ? answer : () => Promise.resolve(fieldBetween('current', 'prior', answer));
    await panes.run('toggleDifference');
    expect([panes.text('left'), panes.canvas('left')]).toEqual([`Not computed: ${why}`, undefined]);
  });
});

test('a pane that is being torn down, and one that shows a body from outside, have no picture', async () => {
  panes.fill({ current: 100, prior: 0 });
  const left = panes.fake.viewports.get('left')!;
  Object.assign(left, { type: 'volume3d' });
  await panes.run('toggleDifference');
  expect(panes.canvas('left')).toBeUndefined();
  Object.assign(left, { type: 'stack' });
  panes.fusion.update();
  expect(panes.canvas('left')).toBeDefined();
  left.canvasToWorld = () => {
    throw new Error('destroyed');
  };
  panes.fusion.update();
  expect(panes.canvas('left')).toBeUndefined();
});

test('a mode that is left has no pictures', async () => {
  panes.select();
  await panes.run('toggleSimilarity');
  panes.stop();
  expect([panes.fusion.mode, document.querySelector('[data-samepoint="fusion"]')]).toEqual(['off', null]);
});
