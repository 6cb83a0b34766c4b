import { jest } from '@jest/globals';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { SamepointError } from '../errors/index.ts';
import { lpsPoint } from '../geometry/index.ts';
import { createSamepoint } from './samepoint.ts';
import type { Samepoint, MatchRequest, MatchResult } from './types.ts';
import {
  ALL_SERIES,
  CURRENT,
  fakePorts,
  Gate,
  NAMELESS,
  PRIOR,
  PRIOR_2,
  refOf,
  OTHER_PATIENT,
} from '../ports/testing/index.ts';
import { fakeModules } from '../ports/testing/fakeModules.ts';
import type { FakePorts, FakeSeries } from '../ports/testing/index.ts';
import type { Progress } from '../seriesEmbeddings/types.ts';

function setUp(): { ports: FakePorts; samepoint: Samepoint } {
  const ports = fakePorts([...ALL_SERIES]);
  return { ports, samepoint: createSamepoint(ports, { version: '1.2.3', queueLimit: 16, memoMs: 0 }) };
}

function request(query: FakeSeries, targets: readonly FakeSeries[], x = 1): MatchRequest {
  return {
    query: refOf(query),
    targets: targets.map(refOf),
    points: [
      { id: 'a', lps: lpsPoint(x, 2, 3) },
      { id: 'b', lps: lpsPoint(4, 5, 6) },
    ],
  };
}

/** Waits for something that needs turns of the event loop. */
async function until(isTrue: () => boolean): Promise<void> {
  for (let turn = 0; turn < 1000 && !isTrue(); turn += 1) await nextTurn();
}

/** Breaks the embedding of one series only. */
function breakSeries(ports: FakePorts, broken: FakeSeries, error: Error): void {
  const { embed } = ports.embedder;
  Object.assign(ports.embedder, {
    embed: (...args: Parameters<typeof embed>) =>
      args[0].seriesInstanceUid === broken.seriesInstanceUid ? Promise.reject(error) : embed(...args),
  });
}

const TILT = { code: 'volume/gantry-tilt', message: 'tilted' };
const METAL = { code: 'embedding/metal', message: 'metal' };

const UNSUPPORTED = new SamepointError('embedding/modality-not-supported', {
  model: 'm1',
  modality: 'PT',
  supported: ['CT'],
});

describe('planMatch', () => {
  it('gives an outcome per target and point, in their order', async () => {
    const { samepoint } = setUp();
    const plan = await samepoint.planMatch(request(CURRENT, [PRIOR, PRIOR_2]), {});
    expect(plan.ready).toBe(false);
    const { matches: outcomes, warnings } = await plan.run();
    expect(warnings).toEqual([]);
    expect(outcomes.map(({ pointId, target, ok }) => [target.seriesInstanceUid, pointId, ok])).toEqual([
      [PRIOR.seriesInstanceUid, 'a', true],
      [PRIOR.seriesInstanceUid, 'b', true],
      [PRIOR_2.seriesInstanceUid, 'a', true],
      [PRIOR_2.seriesInstanceUid, 'b', true],
    ]);
    expect(outcomes[0]).toMatchObject({ match: { target: { lps: [1, 2, 13], ...refOf(PRIOR) } } });
  });

  it('is ready when every embedding is at hand', async () => {
    const { samepoint } = setUp();
    await (await samepoint.planMatch(request(CURRENT, [PRIOR]), {})).run();
    expect((await samepoint.planMatch(request(CURRENT, [PRIOR]), {})).ready).toBe(true);
    expect((await samepoint.planMatch(request(CURRENT, [PRIOR, PRIOR_2]), {})).ready).toBe(false);
  });

  it('is a job when there are too many searches for one request, even when every embedding is at hand', async () => {
    const { samepoint } = setUp();
    await (await samepoint.planMatch(request(CURRENT, [PRIOR]), {})).run();
    const points = Array.from({ length: 31 }, (_, index) => ({ id: `${index}`, lps: lpsPoint(index, 0, 0) }));
    const plan = await samepoint.planMatch({ ...request(CURRENT, [PRIOR]), points }, {});
    expect(plan.ready).toBe(false);
    expect((await plan.run()).matches).toHaveLength(31);
  });

  it('lets a point fail without its neighbours', async () => {
    const { samepoint } = setUp();
    const { matches } = await (await samepoint.planMatch(request(CURRENT, [PRIOR], 5000), {})).run();
    expect(matches).toMatchObject([
      { pointId: 'a', ok: false, error: { code: 'matching/outside-volume' } },
      { pointId: 'b', ok: true },
    ]);
  });

  it('lets a target fail without the others', async () => {
    const { ports, samepoint } = setUp();
    breakSeries(ports, PRIOR_2, UNSUPPORTED);
    const plan = await samepoint.planMatch(request(CURRENT, [PRIOR, PRIOR_2]), {});
    const { matches: outcomes } = await plan.run();
    expect(outcomes.map(({ ok }) => ok)).toEqual([true, true, false, false]);
    expect(outcomes[2]).toMatchObject({ target: refOf(PRIOR_2), error: { code: UNSUPPORTED.code } });
  });

  it('gives the warnings of the series that were searched, also when they come from the cache', async () => {
    const { ports, samepoint } = setUp();
    ports.control.warnings = {
      [CURRENT.seriesInstanceUid]: [TILT],
      [PRIOR.seriesInstanceUid]: [METAL],
    };
    breakSeries(ports, PRIOR_2, UNSUPPORTED);
    const expected = [
      { series: refOf(CURRENT), ...TILT },
      { series: refOf(PRIOR), ...METAL },
    ];
    const cold = await samepoint.planMatch(request(CURRENT, [PRIOR, PRIOR_2]), {});
    const previews: MatchResult[] = [];
    expect((await cold.run({ onPreview: (preview) => previews.push(preview) })).warnings).toEqual(expected);
    expect(previews.flatMap(({ warnings }) => warnings)).toEqual([]);
    const warm = await samepoint.planMatch(request(CURRENT, [PRIOR]), {});
    expect((await warm.run()).warnings).toEqual(expected);
  });

  it('fails as a whole when no target remains', async () => {
    const { ports, samepoint } = setUp();
    breakSeries(ports, PRIOR, UNSUPPORTED);
    const plan = await samepoint.planMatch(request(CURRENT, [PRIOR]), {});
    await expect(plan.run()).rejects.toBe(UNSUPPORTED);
  });

  it('fails as a whole with the query, and does not embed the targets', async () => {
    const { ports, samepoint } = setUp();
    ports.control.gate = new Gate();
    breakSeries(ports, CURRENT, UNSUPPORTED);
    const plan = await samepoint.planMatch(request(CURRENT, [PRIOR]), {});
    await expect(plan.run()).rejects.toBe(UNSUPPORTED);
    // The only caller of the target's computation has aborted it: with the gate shut it would never end otherwise.
    delete ports.control.gate;
    const { matches } = await (await samepoint.planMatch(request(PRIOR, [PRIOR_2]), {})).run();
    expect(matches).toHaveLength(2);
  });

  it('does not turn a fault of ours into an outcome', async () => {
    const { ports, samepoint } = setUp();
    breakSeries(ports, PRIOR_2, new TypeError('a bug'));
    const plan = await samepoint.planMatch(request(CURRENT, [PRIOR, PRIOR_2]), {});
    await expect(plan.run()).rejects.toThrow('a bug');
  });

  it.each([
    ['another patient', OTHER_PATIENT, 'application/different-patients'],
    ['a study without PatientID', NAMELESS, 'application/patient-unknown'],
    ['the query itself', CURRENT, 'application/same-series'],
    [
      'a series that the PACS does not have',
      { ...PRIOR, seriesInstanceUid: '9.9' },
      'dicomweb/series-not-found',
    ],
    [
      'a study that the PACS does not have',
      { ...PRIOR, studyInstanceUid: '9.9' },
      'dicomweb/study-not-found',
    ],
  ])('refuses %s as a target, before anything is computed', async (_name, target, code) => {
    const { ports, samepoint } = setUp();
    await expect(samepoint.planMatch(request(CURRENT, [PRIOR, target]), {})).rejects.toMatchObject({ code });
    expect(ports.control.embedded).toBe(0);
    expect(ports.source.requests).not.toContain('retrieve');
  });

  it('refuses an unknown model', async () => {
    const { samepoint } = setUp();
    const wrong = { ...request(CURRENT, [PRIOR]), model: 'm9' };
    await expect(samepoint.planMatch(wrong, {})).rejects.toMatchObject({ code: 'embedding/unknown-model' });
  });

  it('queries the PACS with the credentials of the caller, also when everything is cached', async () => {
    const { ports, samepoint } = setUp();
    await (await samepoint.planMatch(request(CURRENT, [PRIOR]), {})).run();
    ports.source.allowed = ['Bearer alice'];
    await expect(samepoint.planMatch(request(CURRENT, [PRIOR]), {})).rejects.toMatchObject({
      code: 'dicomweb/unauthorized',
    });
    const alice = { authorization: 'Bearer alice' };
    expect((await samepoint.planMatch(request(CURRENT, [PRIOR]), alice)).ready).toBe(true);
  });

  it('reports one progress for the whole request', async () => {
    const { samepoint } = setUp();
    const reported: Progress[] = [];
    const plan = await samepoint.planMatch(request(CURRENT, [PRIOR, PRIOR_2]), {});
    await plan.run({ onProgress: (progress) => reported.push(progress) });
    const fractions = reported.map(({ fraction }) => fraction);
    expect(fractions).toEqual([...fractions].sort((a, b) => a - b));
    expect(reported.find(({ stage }) => stage === 'match')).toMatchObject({ fraction: 0.95 });
    expect(reported.map(({ message }) => message)).toContain('Series 2 of 3: Reading image 1 of 2');
  });

  it('shows first answers when a pair is read, before anything is embedded', async () => {
    const { ports, samepoint } = setUp();
    ports.control.gate = new Gate();
    const previews: MatchResult[] = [];
    const plan = await samepoint.planMatch(request(CURRENT, [PRIOR, PRIOR_2]), {});
    const answer = plan.run({ onPreview: (preview) => previews.push(preview) });
    await until(() => previews.length > 0);
    expect(ports.stored.size).toBe(0);
    expect(previews[0]?.matches).toMatchObject([
      { pointId: 'a', target: refOf(PRIOR), ok: true, match: { method: 'preview', verdict: 'uncertain' } },
      { pointId: 'b', target: refOf(PRIOR), ok: true },
    ]);
    ports.control.gate.open();
    expect((await answer).matches.map(({ ok }) => ok)).toEqual([true, true, true, true]);
    // The third series was read after one of the first two was embedded.
    expect(previews.at(-1)?.matches).toHaveLength(4);
    expect(previews.at(-1)?.matches[2]).toMatchObject({ target: refOf(PRIOR_2), pointId: 'a' });
  });

  it('looks at the embedding of a series that is at hand', async () => {
    const { samepoint } = setUp();
    await (await samepoint.planEmbedding(refOf(CURRENT), undefined, {})).run();
    const previews: MatchResult[] = [];
    const plan = await samepoint.planMatch(request(CURRENT, [PRIOR]), {});
    await plan.run({ onPreview: (preview) => previews.push(preview) });
    expect(previews).toHaveLength(1);
    expect(previews[0]?.matches).toHaveLength(2);
  });

  it('shows nothing when every embedding is at hand', async () => {
    const { samepoint } = setUp();
    await (await samepoint.planMatch(request(CURRENT, [PRIOR]), {})).run();
    const onPreview = jest.fn();
    await (await samepoint.planMatch(request(CURRENT, [PRIOR]), {})).run({ onPreview });
    expect(onPreview).not.toHaveBeenCalled();
  });

  it('answers although the preview fails, and says so in the log', async () => {
    const { ports, samepoint } = setUp();
    Object.assign(ports.modules, { previewPoints: () => Promise.reject(new TypeError('a bug')) });
    const plan = await samepoint.planMatch(request(CURRENT, [PRIOR]), {});
    expect((await plan.run({ onPreview: () => undefined })).matches).toHaveLength(2);
    expect(ports.logged).toMatchObject([{ level: 'warn', message: 'the preview failed' }]);
  });

  it('does not wait for a partner that fails', async () => {
    const { ports, samepoint } = setUp();
    const { modules } = ports;
    let calls = 0;
    const readVolume: typeof modules.readVolume = (...args) =>
      (calls += 1) === 2 ? Promise.reject(UNSUPPORTED) : fakeModules().readVolume(...args);
    Object.assign(modules, { readVolume });
    const plan = await samepoint.planMatch(request(CURRENT, [PRIOR]), {});
    await expect(plan.run({ onPreview: () => undefined })).rejects.toBe(UNSUPPORTED);
  });

  it('does not lock up when two requests want the same series in opposite directions', async () => {
    const { samepoint } = setUp();
    const onPreview = (): void => undefined;
    const plans = await Promise.all([
      samepoint.planMatch(request(CURRENT, [PRIOR, PRIOR_2]), {}),
      samepoint.planMatch(request(PRIOR_2, [PRIOR, CURRENT]), {}),
      samepoint.planMatch(request(PRIOR, [CURRENT]), {}),
    ]);
    const answers = await Promise.all(plans.map((plan) => plan.run({ onPreview })));
    expect(answers.map(({ matches }) => matches.length)).toEqual([4, 4, 2]);
  });

  it('stops when the caller disconnects', async () => {
    const { ports, samepoint } = setUp();
    ports.control.gate = new Gate();
    const disconnect = new AbortController();
    const plan = await samepoint.planMatch(request(CURRENT, [PRIOR]), {});
    const answer = plan.run({ signal: disconnect.signal });
    await nextTurn();
    disconnect.abort();
    await expect(answer).rejects.toMatchObject({ name: 'AbortError' });
    expect(ports.stored.size).toBe(0);
  });
});

describe('Samepoint', () => {
  it('embeds one series', async () => {
    const { samepoint } = setUp();
    const plan = await samepoint.planEmbedding(refOf(CURRENT), 'm2', {});
    expect(await plan.run()).toEqual({ state: 'ready', ...refOf(CURRENT), model: 'm2', warnings: [] });
  });

  it('says what runs', () => {
    const { samepoint } = setUp();
    expect(samepoint.health()).toEqual({
      status: 'ok',
      version: '1.2.3',
      model: 'm1',
      executionProvider: 'cpu',
      warnings: [],
    });
    expect(samepoint.models().map(({ id, default: isDefault }) => [id, isDefault])).toEqual([
      ['m1', true],
      ['m2', false],
    ]);
  });

  it('puts the configured model first', async () => {
    const ports = fakePorts([...ALL_SERIES]);
    const options = { version: '1.2.3', queueLimit: 16, memoMs: 0, defaultModel: 'm2' };
    const samepoint = createSamepoint(ports, options);
    expect(samepoint.health().model).toBe('m2');
    expect(samepoint.models()[0]).toMatchObject({ id: 'm2', default: true });
    const ready = await (await samepoint.planEmbedding(refOf(CURRENT), undefined, {})).run();
    expect(ready.model).toBe('m2');
  });
});
