/** The preview of a match whose series are still being embedded. */
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { contextOf } from '../testing/context.ts';
import { foundIn, matchBetween, pointIn, refOf } from '../testing/examples.ts';
import { axialSeries, FakeHost, SLICE_MM } from '../testing/fakeHost.ts';
import { eventStream, FakeServer, json } from '../testing/fakeServer.ts';
import type { MatchOutcome } from '../wire.ts';
import type { Context } from './context.ts';
import { Finder } from './find.ts';

let fake: FakeHost;
let server: FakeServer;
let context: Context;

beforeEach(() => {
  fake = new FakeHost({
    left: axialSeries('current', '20240301'),
    right: axialSeries('prior', '20230211'),
  });
  server = new FakeServer();
  context = contextOf(fake, server);
});

afterEach(() => {
  jest.restoreAllMocks();
});

const click = (): Promise<void> => new Finder(context).find(fake.viewports.get('left')!, [1, 2, 3]);

describe('while the server embeds the series', () => {
  const outcome: MatchOutcome = {
    pointId: 'p',
    target: refOf('prior'),
    ok: true,
    match: {
      ...matchBetween('current', 'prior'),
      method: 'preview',
      step: 'affine',
      verdict: 'uncertain',
      target: pointIn('prior', [6, -9, 55]),
      errorRadiusMm: 12,
    },
  };
  const progress = { stage: 'embed', fraction: 0.4, message: 'Analysing the images' };
  const job = { id: 'j', kind: 'match', state: 'running', progress };
  const event = (type: string, changes: object): string =>
    `event: ${type}\ndata: ${JSON.stringify({ ...job, ...changes })}\n\n`;
  const preview = { preview: { matches: [outcome] } };

  /** A job that reports a preview twice, waits for `release` and ends. */
  function serve(): { readonly release: () => void } {
    let release: () => void = () => undefined;
    const released = new Promise<void>((resolve) => (release = resolve));
    let requests = 0;
    server.routes = {
      'POST /matches': () => json(202, job),
      'GET /jobs/j/events': async () => {
        requests += 1;
        if (requests === 1) return eventStream([event('preview', preview), event('progress', preview)]);
        await released;
        const result = { matches: [foundIn('current', 'prior')] };
        return eventStream([event('done', { ...preview, state: 'done', result })]);
      },
    };
    return {
      release: () => {
        release();
      },
    };
  }
  const right = () => fake.viewports.get('right')!;

  /** Moves the clock. */
  function later(milliseconds: number): void {
    const now = performance.now();
    jest.spyOn(performance, 'now').mockReturnValue(now + milliseconds);
  }

  async function untilPreview(): Promise<void> {
    for (let turn = 0; turn < 100 && right().jumps.length === 0; turn += 1)
      await new Promise((resolve) => setTimeout(resolve, 1));
  }

  test('the preview is shown once, marked as such, and replaced by the answer', async () => {
    const { release } = serve();
    const finding = click();
    await untilPreview();
    expect(right().jumps).toEqual([[6, -9, 55]]);
    expect(context.activity.searches[0]?.previews).toMatchObject([{ errorRadiusMm: 12 }]);
    expect(context.lesions.lesions).toEqual([]);
    release();
    await finding;
    expect(right().jumps).toEqual([
      [6, -9, 55],
      [4, -3, 40],
    ]);
    expect(context.activity.searches).toEqual([]);
    expect(context.lesions.lesions[0]?.observations[1]).toMatchObject({
      place: { lps: [4, -3, 40] },
      carriedOver: { provenance: { verdict: 'matched', errorRadiusMm: 4, step: 'nearest' } },
    });
  });

  test('a viewport that has not arrived at the preview yet goes to the answer all the same', async () => {
    const { release } = serve();
    const finding = click();
    await untilPreview();
    right().z = 0;
    later(500);
    release();
    await finding;
    expect(right().jumps).toHaveLength(2);
  });

  test('a reader who has scrolled on is not pulled back', async () => {
    const { release } = serve();
    const finding = click();
    await untilPreview();
    right().z += 4 * SLICE_MM;
    later(2_000);
    release();
    await finding;
    expect(right().jumps).toEqual([[6, -9, 55]]);
    expect(context.lesions.lesions).toHaveLength(1);
  });
});
