import { setImmediate as nextTurn } from 'node:timers/promises';
import type { AuditEvent } from '../ports/index.ts';
import { Gate } from '../ports/testing/index.ts';
import type { AuditMessage } from './message.ts';
import { AuditTrail } from './trail.ts';
import { textLike } from '../errors/testing/like.ts';

const EVENT: AuditEvent = { purpose: 'match', user: {}, studies: [] };
const SETTINGS = {
  sourceId: 's',
  version: '1',
  hostName: 'h',
  processId: 1,
  account: 'a',
  pacs: 'p',
};

function setUp(capacity = 10): {
  readonly trail: AuditTrail;
  readonly written: string[];
  readonly logged: { level: string; fields: object }[];
  readonly batches: number[];
  readonly control: { failure?: Error; hold?: Gate; moment?: Gate };
  readonly pauses: number[];
} {
  const written: string[] = [];
  const logged: { level: string; fields: object }[] = [];
  const pauses: number[] = [];
  const batches: number[] = [];
  const control: { failure?: Error; hold?: Gate; moment?: Gate } = {};
  const log = (level: string) => (fields: object) => {
    logged.push({ level, fields });
  };
  const trail = new AuditTrail({
    sink: {
      name: 'test',
      async write(messages: readonly AuditMessage[]) {
        await control.hold?.opened;
        if (control.failure !== undefined) throw control.failure;
        batches.push(messages.length);
        written.push(...messages.map(({ xml }) => xml));
      },
      close: () => Promise.resolve(),
    },
    settings: SETTINGS,
    logger: { info: log('info'), warn: log('warn'), error: log('error') },
    clock: () => 0,
    capacity,
    sleep: async (ms) => {
      pauses.push(ms);
      await control.moment?.opened;
      await nextTurn();
    },
  });
  return { trail, written, logged, batches, control, pauses };
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < 10; turn += 1) await nextTurn();
}

const diskFull = Object.assign(new Error('/secret/path: no space'), { code: 'ENOSPC' });

describe('AuditTrail', () => {
  it('hands over what is recorded, in order, and start and stop', async () => {
    const { trail, written } = setUp();
    trail.started();
    trail.record(EVENT);
    await settle();
    trail.record(EVENT);
    await trail.close();
    expect(written.map((xml) => /csd-code="(\d+)"/.exec(xml)?.[1])).toEqual([
      '110100',
      '110103',
      '110103',
      '110100',
    ]);
    expect(trail.problem).toBeUndefined();
  });

  it('hands over together what is recorded within a moment, and nothing while that lasts', async () => {
    const { trail, batches, control } = setUp();
    control.moment = new Gate();
    for (let entry = 0; entry < 3; entry += 1) trail.record(EVENT);
    await settle();
    expect(batches).toEqual([]);
    control.moment.open();
    await settle();
    expect(batches).toEqual([3]);
    trail.record(EVENT);
    await settle();
    expect(batches).toEqual([3, 1]);
  });

  it('does not wait for a sink that hangs', async () => {
    const { trail, written, control } = setUp();
    control.hold = new Gate();
    for (let entry = 0; entry < 5; entry += 1) trail.record(EVENT);
    await settle();
    expect(written).toEqual([]);
    control.hold.open();
    await settle();
    expect(written).toHaveLength(5);
  });

  it('keeps what a failing sink did not accept, says so once, and hands it over later', async () => {
    const { trail, written, logged, control, pauses } = setUp();
    control.failure = diskFull;
    trail.record(EVENT);
    await settle();
    expect(trail.problem).toMatchObject({
      code: 'http/audit-not-written',
      message: textLike('ENOSPC'),
    });
    expect(JSON.stringify([trail.problem, logged])).not.toContain('secret');
    expect(logged.filter(({ level }) => level === 'error')).toHaveLength(1);
    expect(pauses.slice(0, 4)).toEqual([50, 1000, 2000, 4000]);
    delete control.failure;
    await settle();
    expect(written).toHaveLength(1);
    expect(trail.problem).toBeUndefined();
    expect(logged.at(-1)).toMatchObject({ level: 'warn', fields: { lost: 0 } });
  });

  it('is bounded: what is lost is counted, stays a problem, and is recorded in the trail', async () => {
    const { trail, written, control } = setUp(3);
    control.failure = diskFull;
    for (let entry = 0; entry < 8; entry += 1) trail.record(EVENT);
    await settle();
    delete control.failure;
    await settle();
    expect(written).toHaveLength(4);
    expect(written.at(-1)).toContain('5 entries');
    expect(trail.problem?.message).toContain('5 entries were lost');
  });

  it('stops although the sink does not come back, and says what is lost', async () => {
    const { trail, logged, control } = setUp();
    control.failure = diskFull;
    trail.record(EVENT);
    await trail.close();
    expect(logged.at(-1)).toMatchObject({ level: 'error', fields: { entries: 2 } });
  });
});
