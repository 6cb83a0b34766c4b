import { setImmediate as nextTurn } from 'node:timers/promises';
import { lpsPoint } from '../geometry/index.ts';
import type { Modules } from '../ports/ports.ts';
import { createSamepoint } from './samepoint.ts';
import type { Samepoint, MatchRequest } from './types.ts';
import { CURRENT, fakePorts, Gate, PRIOR, refOf } from '../ports/testing/index.ts';
import type { FakePorts } from '../ports/testing/index.ts';

type Searched = Parameters<Modules['matchPoints']>[0];

const REQUEST: MatchRequest = {
  query: refOf(CURRENT),
  targets: [refOf(PRIOR)],
  points: [
    { id: 'a', lps: lpsPoint(1, 2, 3) },
    { id: 'b', lps: lpsPoint(4, 5, 6) },
  ],
};

/** A pair that was answered once to a caller whose grant has aged at once, and a PACS that holds its next answer back. */
async function answeredOnce(): Promise<{
  readonly ports: FakePorts;
  readonly samepoint: Samepoint;
  readonly gate: Gate;
  readonly searches: Searched[];
  readonly failNext: (error: Error) => void;
}> {
  const ports = fakePorts([CURRENT, PRIOR]);
  const samepoint = createSamepoint(ports, { version: '1.2.3', queueLimit: 16, memoMs: 0 });
  await (await samepoint.planMatch(REQUEST, {})).run();
  const searches: Searched[] = [];
  const failures: Error[] = [];
  const search = ports.modules.matchPoints.bind(ports.modules);
  ports.modules.matchPoints = async (request) => {
    searches.push(request);
    const failure = failures.pop();
    if (failure !== undefined) throw failure;
    return await search(request);
  };
  const gate = new Gate();
  const searchStudies = ports.source.searchStudies.bind(ports.source);
  ports.source.searchStudies = async (...args) => {
    await gate.pass(undefined);
    return await searchStudies(...args);
  };
  return { ports, samepoint, gate, searches, failNext: (error) => failures.push(error) };
}

/** Waits for something that needs turns of the event loop. */
async function until(isTrue: () => boolean): Promise<void> {
  for (let turn = 0; turn < 1000 && !isTrue(); turn += 1) await nextTurn();
}

describe('speculation', () => {
  it('searches during the query to the PACS, and answers when it has granted access', async () => {
    const { samepoint, gate, searches } = await answeredOnce();
    let isPlanned = false;
    const planning = samepoint.planMatch(REQUEST, {}).finally(() => (isPlanned = true));
    await until(() => searches.length > 0);
    expect(searches).toHaveLength(1);
    expect(isPlanned).toBe(false);
    gate.open();
    const plan = await planning;
    expect(plan.ready).toBe(true);
    expect((await plan.run()).matches.map(({ ok }) => ok)).toEqual([true, true]);
    expect(searches).toHaveLength(1);
  });

  it('gives nothing to a caller who is refused in the meantime, and ends the search', async () => {
    const { ports, samepoint, gate, searches } = await answeredOnce();
    const planning = samepoint.planMatch(REQUEST, {});
    await until(() => searches.length > 0);
    ports.source.allowed = [];
    gate.open();
    await expect(planning).rejects.toMatchObject({ code: 'dicomweb/unauthorized' });
    expect(searches[0]?.signal?.aborted).toBe(true);
    // From then on nothing is searched before the PACS has answered.
    await expect(samepoint.planMatch(REQUEST, {})).rejects.toMatchObject({ code: 'dicomweb/unauthorized' });
    expect(searches).toHaveLength(1);
  });

  it('begins nothing for a caller to whom the PACS has not granted the series', async () => {
    const { samepoint, gate, searches } = await answeredOnce();
    const planning = samepoint.planMatch(REQUEST, { authorization: 'Bearer mallory' });
    for (let turn = 0; turn < 20; turn += 1) await nextTurn();
    expect(searches).toHaveLength(0);
    gate.open();
    await planning;
  });

  it('does not answer from a series that has grown', async () => {
    const { ports, samepoint, gate } = await answeredOnce();
    const prior = ports.source.series.findIndex((one) => one.seriesInstanceUid === PRIOR.seriesInstanceUid);
    ports.source.series[prior] = { ...PRIOR, sopInstanceUids: [...PRIOR.sopInstanceUids, '1.9.9'] };
    gate.open();
    const plan = await samepoint.planMatch(REQUEST, {});
    expect(plan.ready).toBe(false);
    await plan.run();
    expect(ports.control.embedded).toBe(3);
  });

  it('searches again where the speculative search has failed', async () => {
    const { samepoint, gate, searches, failNext } = await answeredOnce();
    failNext(new TypeError('a bug'));
    gate.open();
    expect((await (await samepoint.planMatch(REQUEST, {})).run()).matches).toHaveLength(2);
    expect(searches).toHaveLength(2);
  });
});
