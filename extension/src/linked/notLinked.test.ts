/**
 * Pairs that are not linked, over a fake viewer: the pane says why, stays where it is, and no other one claims to be linked.
 * @jest-environment <rootDir>/src/testing/browserEnvironment.mjs
 */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { ViewerFailure } from '../client/failure.ts';
import type { DisplaySet } from '../ohif.d.ts';
import { axialSeries } from '../testing/fakeHost.ts';
import type { FakeViewport } from '../testing/fakeViewport.ts';
import type { Field } from './field.ts';
import { fieldBetween, LinkedPanes } from './testing/linkedPanes.ts';

let panes: LinkedPanes;

const pane = (id: string): FakeViewport => panes.pane(id);
const text = (id: string): string => panes.text(id);

/** Opens other panes. */
function start(shown?: Readonly<Record<string, DisplaySet>>): void {
  panes.stop();
  panes = new LinkedPanes(shown);
}

beforeEach(() => {
  panes = new LinkedPanes();
});

afterEach(() => {
  panes.stop();
});

describe('where nothing follows, the pane says why', () => {
  const off = async (expected: string): Promise<void> => {
    const before = pane('right').z;
    await panes.link();
    panes.scroll('left', 100);
    expect([text('left'), text('right')]).toEqual(['', expected]);
    expect(pane('right').z).toBe(before);
  };

  test.each<[string, Partial<Field>, string]>([
    ['another region', { verdict: 'different-region' }, 'another region of the body'],
    ['an unsure map', { verdict: 'unsure' }, 'the scans could not be aligned reliably'],
    [
      'no overlap',
      { quality: { foldingShare: 0, inverseConsistencyMm: { median: 0, p95: 0 }, coveredShare: 0 } },
      'the scans have no region in common',
    ],
    [
      'a mirrored scan',
      {
        affine: [
          [-1, 0, 0, 0],
          [0, 1, 0, 0],
          [0, 0, 1, 0],
          [0, 0, 0, 1],
        ],
      },
      'left and right do not agree in the two scans',
    ],
  ])('%s', async (_, changes, reason) => {
    panes.answer = () => Promise.resolve(fieldBetween('current', 'prior', changes));
    await off(`Not linked: ${reason}`);
  });

  test('a field that is still computed', async () => {
    panes.answer = () => new Promise(() => undefined);
    await off('Comparing the scans …');
  });

  test('a failure, which the next try may mend', async () => {
    panes.answer = () =>
      Promise.reject(new ViewerFailure('x', 'The PACS does not have these images any more.', ''));
    await off('Not linked: The PACS does not have these images any more.');
    panes.answer = () => Promise.resolve(fieldBetween('current', 'prior'));
    panes.linking.run('toggleLink');
    await panes.link();
    expect(text('right')).toBe('Linked ± 3 mm');
  });

  test.each([
    ['matching/mirrored-pair', 'left and right do not agree in the two scans'],
    ['matching/no-common-region', 'the scans have no region in common'],
    ['application/different-patients', 'another patient'],
    ['embedding/modality-not-supported', 'these images cannot be compared'],
  ])('what the server refuses as %s', async (code, reason) => {
    panes.answer = () => Promise.reject(new ViewerFailure(code, 'In the words of the server.', ''));
    await off(`Not linked: ${reason}`);
  });

  test('a pane that is torn down meanwhile: the others follow on', async () => {
    await panes.link();
    const right = pane('right');
    const gone = (): never => {
      throw new Error('destroyed');
    };
    right.jumpToWorld = gone;
    panes.scroll('left', 100);
    expect(text('right')).toBe('Comparing the scans …');
    panes.linking.run('toggleLiveCursor');
    right.worldToCanvas = gone;
    right.z = 110;
    expect(() => {
      panes.move(210, 190);
    }).not.toThrow();
  });

  test('another patient: no field is requested', async () => {
    start({ left: axialSeries('current', '20240301'), right: axialSeries('other', '20230211', 'Q') });
    await off('Not linked: another patient');
    expect(panes.requests).toEqual([]);
  });

  test('images that the model does not read', async () => {
    panes.stop();
    const mr = { ...axialSeries('prior', '20230211'), Modality: 'MR' };
    start({ left: axialSeries('current', '20240301'), right: mr });
    await off('Not linked: these images cannot be compared');
    expect(panes.requests).toEqual([]);
  });

  test('no other scan', async () => {
    start({ left: axialSeries('current', '20240301') });
    await panes.link();
    expect(text('left')).toBe('Not linked: no other scan on the screen');
  });

  test('in German', async () => {
    document.documentElement.lang = 'de';
    panes.answer = () => Promise.resolve(fieldBetween('current', 'prior', { verdict: 'different-region' }));
    await off('Nicht gekoppelt: andere Körperregion');
    document.documentElement.lang = '';
  });
});
