import { SamepointError } from '../../errors/index.ts';
import { createSamepoint } from '../../application/samepoint.ts';
import type { Samepoint } from '../../application/types.ts';
import {
  ALL_SERIES,
  CURRENT,
  fakePair,
  fakePorts,
  PRIOR,
  PRIOR_2,
  readFakeReport,
} from '../../ports/testing/index.ts';
import type { FakePorts } from '../../ports/testing/index.ts';

function setUp(): { ports: FakePorts; samepoint: Samepoint; restarted: () => Samepoint } {
  const ports = fakePorts([...ALL_SERIES]);
  const restarted = (): Samepoint => createSamepoint(ports, { version: '1.2.3', queueLimit: 16, memoMs: 0 });
  return { ports, samepoint: restarted(), restarted };
}

const key = { idempotencyKey: '8e03978e-40d5-43e8-bc93-6b20ac4cb5d4' };
const alice = { authorization: 'Bearer alice' };
const bob = { authorization: 'Bearer bob' };

/** What the PACS says or does after it has stored, or instead of it. */
function storingThen(ports: FakePorts, failure: SamepointError, { stores = true } = {}): void {
  const store = ports.source.storeInstances.bind(ports.source);
  ports.source.storeInstances = async (...request) => {
    if (stores) await store(...request);
    throw failure;
  };
}

const FAILURES = {
  'an error of the server': new SamepointError('dicomweb/server-error', {
    operation: 'x',
    httpStatus: 500,
    retryAfterMs: 0,
  }),
  'a broken connection': new SamepointError('dicomweb/unreachable', { operation: 'x', reason: 'ECONNRESET' }),
  silence: new SamepointError('dicomweb/timeout', { operation: 'x', timeoutMs: 1 }),
  'an answer that cannot be read': new SamepointError('dicomweb/bad-answer', { operation: 'x', reason: 'y' }),
  '202 without a list': new SamepointError('dicomweb/store-refused', {
    operation: 'x',
    stored: 0,
    failed: 1,
    failureReasons: ['not mentioned'],
  }),
  'that it has such an instance': new SamepointError('dicomweb/store-refused', {
    operation: 'x',
    stored: 0,
    failed: 1,
    failureReasons: ['0x0111'],
  }),
};

describe('one wish to save is one report', () => {
  it('when the answer was lost and the request goes to another server, with a renewed token, at another time', async () => {
    const { ports, samepoint, restarted } = setUp();
    const first = await samepoint.storeReport([fakePair()], alice, key);
    ports.control.now += 60_000;
    expect(await restarted().storeReport([fakePair()], bob, key)).toEqual(first);
    expect(ports.source.stored).toHaveLength(1);
  });

  it('when it is requested twice at once', async () => {
    const { ports, samepoint } = setUp();
    const [first, second] = await Promise.all(
      [alice, alice].map((caller) => samepoint.storeReport([fakePair()], caller, key)),
    );
    expect(first).toEqual(second);
    expect(ports.source.stored).toHaveLength(1);
  });

  it('when the viewer sends no key', async () => {
    const { ports, samepoint, restarted } = setUp();
    await Promise.all([1, 2].map(() => samepoint.storeReport([fakePair()], {})));
    await restarted().storeReport([fakePair()], {});
    expect(ports.source.stored).toHaveLength(1);
    await samepoint.storeReport([fakePair(CURRENT, PRIOR_2)], {});
    expect(ports.source.stored).toHaveLength(2);
  });

  it.each(Object.entries(FAILURES))('when the PACS stores and answers with %s', async (_, failure) => {
    const { ports, samepoint } = setUp();
    storingThen(ports, failure);
    const report = await samepoint.storeReport([fakePair()], {}, key);
    expect(ports.source.stored.map(({ part10 }) => readFakeReport(part10).sopInstanceUid)).toEqual([
      report.sopInstanceUid,
    ]);
  });

  it('when the PACS stores in the background', async () => {
    const { ports, samepoint } = setUp();
    storingThen(ports, FAILURES['202 without a list']);
    const retrieve = ports.source.retrieveInstance.bind(ports.source);
    let looks = 0;
    ports.source.retrieveInstance = async (...request) => {
      looks += 1;
      if (looks < 2) throw new SamepointError('dicomweb/instance-not-found', { operation: 'x' });
      return await retrieve(...request);
    };
    await expect(samepoint.storeReport([fakePair()], {}, key)).resolves.toBeDefined();
    expect(looks).toBe(2);
  });

  it.each([
    ['says that it has', undefined],
    ['says something that is no answer', FAILURES['an answer that cannot be read']],
    ['breaks the connection', FAILURES['a broken connection']],
  ])('when the PACS stores in the background and %s', async (_, failure) => {
    const { ports, samepoint } = setUp();
    if (failure !== undefined) storingThen(ports, failure);
    const retrieve = ports.source.retrieveInstance.bind(ports.source);
    let looks = 0;
    ports.source.retrieveInstance = async (...request) => {
      looks += 1;
      if (looks < 3) throw new SamepointError('dicomweb/instance-not-found', { operation: 'x' });
      return await retrieve(...request);
    };
    await expect(samepoint.storeReport([fakePair()], {}, key)).resolves.toBeDefined();
    expect([looks, ports.source.stored.length]).toEqual([3, 1]);
  });

  it('and two wishes are two reports', async () => {
    const { ports, samepoint } = setUp();
    await samepoint.storeReport([fakePair()], {}, key);
    await samepoint.storeReport([fakePair()], {}, { idempotencyKey: 'another' });
    expect(ports.source.stored).toHaveLength(2);
  });
});

describe('what is not stored is not called stored', () => {
  it.each(Object.entries(FAILURES))('%s and nothing there', async (_, failure) => {
    const { ports, samepoint } = setUp();
    storingThen(ports, failure, { stores: false });
    await expect(samepoint.storeReport([fakePair()], {}, key)).rejects.toBe(failure);
  });

  it('an error of the server and a PACS that does not answer any more', async () => {
    const { ports, samepoint } = setUp();
    storingThen(ports, FAILURES['an error of the server']);
    ports.source.retrieveInstance = () => Promise.reject(FAILURES['a broken connection']);
    await expect(samepoint.storeReport([fakePair()], {}, key)).rejects.toBe(
      FAILURES['an error of the server'],
    );
  });

  it('an error of the server and something else there', async () => {
    const { ports, samepoint } = setUp();
    storingThen(ports, FAILURES['an error of the server']);
    ports.source.coerce = (part10) =>
      new TextEncoder().encode(new TextDecoder().decode(part10).replace('Nodule 1', 'Nodule 2'));
    await expect(samepoint.storeReport([fakePair()], {}, key)).rejects.toMatchObject({
      code: 'application/report-not-verified',
    });
  });

  it('a request that fails lets the next one with its key try', async () => {
    const { ports, samepoint } = setUp();
    const store = ports.source.storeInstances.bind(ports.source);
    storingThen(ports, FAILURES['an answer that cannot be read'], { stores: false });
    const failed = samepoint.storeReport([fakePair()], {}, key);
    await expect(failed).rejects.toMatchObject({ code: 'dicomweb/bad-answer' });
    ports.source.storeInstances = store;
    await samepoint.storeReport([fakePair()], {}, key);
    expect(ports.source.stored).toHaveLength(1);
  });
});

describe('a key that comes again with other content', () => {
  it('is refused, at once as well as after a restart, and nothing is stored', async () => {
    const { ports, samepoint, restarted } = setUp();
    const answers = await Promise.allSettled(
      [fakePair(), fakePair(CURRENT, PRIOR_2)].map((pair) => samepoint.storeReport([pair], {}, key)),
    );
    expect(answers).toMatchObject([
      { status: 'fulfilled' },
      { status: 'rejected', reason: { code: 'application/idempotency-key-reused', status: 422 } },
    ]);
    await expect(restarted().storeReport([fakePair(CURRENT, PRIOR_2)], {}, key)).rejects.toMatchObject({
      code: 'application/idempotency-key-reused',
    });
    expect(ports.source.stored).toHaveLength(1);
  });

  it('discloses nothing to a caller to whom the PACS does not show the study', async () => {
    const { ports, samepoint } = setUp();
    await samepoint.storeReport([fakePair()], alice, key);
    ports.source.allowed = [alice.authorization];
    const sentBefore = ports.source.requests.length;
    for (const pair of [fakePair(), fakePair(CURRENT, PRIOR_2)])
      await expect(samepoint.storeReport([pair], bob, key)).rejects.toMatchObject({
        code: 'dicomweb/unauthorized',
      });
    expect(ports.source.requests.slice(sentBefore)).not.toContain('instance');
  });

  it('is another report in another study', async () => {
    const { ports, samepoint } = setUp();
    const one = await samepoint.storeReport([fakePair(CURRENT, PRIOR)], {}, key);
    const other = await samepoint.storeReport([fakePair(PRIOR, CURRENT)], {}, key);
    expect(other.studyInstanceUid).not.toBe(one.studyInstanceUid);
    expect(other.sopInstanceUid).not.toBe(one.sopInstanceUid);
    expect(ports.source.stored).toHaveLength(2);
  });
});
