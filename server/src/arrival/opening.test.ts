import type { PriorList, TimePointStudy } from '../priors/types.ts';
import { Openings } from './opening.ts';
import type { OpeningParts } from './opening.ts';
import { seriesOf } from './testing/hospital.ts';

interface Seen {
  readonly pair: string;
  readonly points: number;
  readonly authorization: string | undefined;
}

let seen: Seen[];
let ran: string[];
let isReady: boolean;
let gate: Promise<void>;
let ending: AbortController;
let openings: Openings;
beforeEach(() => {
  [seen, ran, isReady, gate] = [[], [], true, Promise.resolve()];
  ending = new AbortController();
  const samepoint: OpeningParts['samepoint'] = {
    planMatch: async ({ query, targets, points }, { authorization }) => {
      const pair = `${query.seriesInstanceUid} ${targets[0]?.seriesInstanceUid ?? ''}`;
      seen.push({ pair, points: points.length, authorization });
      await gate;
      const run = (): Promise<{ matches: []; warnings: [] }> => {
        ran.push(pair);
        return Promise.resolve({ matches: [], warnings: [] });
      };
      return { ready: isReady, series: [], run };
    },
  };
  const parts = {
    samepoint,
    authorization: () => Promise.resolve('Bearer own'),
    logger: { info: () => undefined },
  };
  openings = new Openings(parts, ending.signal);
});

function studyOf(uid: string, isComparable = true): TimePointStudy {
  const series = [seriesOf(uid, { isComparable: false }), seriesOf(uid, { isComparable }, 2)];
  return { studyInstanceUid: uid, description: '', modalities: ['CT'], series, hasReports: false };
}

function listOf(
  current: string,
  ...priors: readonly TimePointStudy[]
): Pick<PriorList, 'current' | 'priors'> {
  return { current: studyOf(current), priors };
}

describe('a study that a reader opens', () => {
  test('is matched without points with the two newest studies that can be compared, both ways, by this server', async () => {
    const priors = [studyOf('1.4', false), studyOf('1.3'), studyOf('1.2'), studyOf('1.1')];
    await openings.open(listOf('1.5', ...priors));
    expect(ran).toEqual(['1.5.2 1.3.2', '1.3.2 1.5.2', '1.5.2 1.2.2', '1.2.2 1.5.2']);
    expect(seen.every(({ points, authorization }) => points === 0 && authorization === 'Bearer own')).toBe(
      true,
    );
  });

  test('is not embedded for it', async () => {
    isReady = false;
    await openings.open(listOf('1.5', studyOf('1.3')));
    expect([seen.length, ran.length]).toEqual([2, 0]);
  });

  test('is opened once at a time, and again later; more than four at a time do without it', async () => {
    const held = Promise.withResolvers<undefined>();
    gate = held.promise.then(() => undefined);
    const open = (study: string): Promise<void> => openings.open(listOf(study, studyOf('1.3')));
    const first = ['1.5', '1.6', '1.7', '1.8'].map(open);
    await open('1.5');
    await open('1.9');
    held.resolve(undefined);
    await Promise.all(first);
    expect(ran).toHaveLength(8);
    await open('1.9');
    expect(ran).toHaveLength(10);
  });

  test('that cannot be matched is no failure', async () => {
    gate = Promise.reject(new Error('the PACS is down'));
    await expect(openings.open(listOf('1.5', studyOf('1.3')))).resolves.toBeUndefined();
  });
});
