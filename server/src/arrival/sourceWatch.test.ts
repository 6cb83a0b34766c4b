import { setImmediate as nextTurn } from 'node:timers/promises';
import { SamepointError } from '../errors/index.ts';
import type { SourceWatch } from './sourceWatch.ts';
import { FakeHospital } from './testing/hospital.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 1440 * MINUTE_MS;

let hospital: FakeHospital;
let watch: SourceWatch;
beforeEach(async () => {
  hospital = new FakeHospital();
  hospital.send('1.1');
  watch = hospital.watch();
  await watch.look();
});

/** A look, and another one when nothing has come for a minute. */
async function settle(one = watch): Promise<void> {
  await one.look();
  hospital.pass(MINUTE_MS);
  await one.look();
  await one.precomputeDue();
}

describe('a study that arrives', () => {
  test('is precomputed when its images have come; what was there before the watch began is not', async () => {
    hospital.send('1.2', { images: 50 });
    await watch.look();
    await watch.precomputeDue();
    expect(hospital.done).toEqual([]);
    hospital.pass(MINUTE_MS / 2);
    hospital.send('1.2', { images: 100 });
    await watch.look();
    hospital.pass(MINUTE_MS - 1);
    await watch.precomputeDue();
    expect(hospital.done).toEqual([]);
    hospital.pass(1);
    await watch.precomputeDue();
    expect(hospital.done).toEqual(['embed 1.2.1']);
    expect(hospital.state).toMatchObject({ pending: [], precomputed: ['1.2'] });
  });

  test('is read with the credentials of this server, and with none else', async () => {
    hospital.send('1.2');
    await settle();
    expect([...hospital.seenCredentials]).toEqual(['Bearer own']);
  });

  test('late, with the date of an earlier day, is noticed within the days that are looked back', async () => {
    hospital.send('1.2', { day: '20261127' });
    hospital.send('1.3', { day: '20261126' });
    await settle();
    expect(hospital.done).toEqual(['embed 1.2.1']);
  });

  test('while this server was stopped for a week is noticed, and what was precomputed is not precomputed again', async () => {
    hospital.send('1.2');
    await settle();
    hospital.pass(7 * DAY_MS);
    hospital.send('1.3', { day: '20261202' });
    await settle(hospital.watch());
    expect(hospital.done).toEqual(['embed 1.2.1', 'embed 1.3.1']);
  });

  test('and was noticed before the server was stopped is precomputed after the start', async () => {
    hospital.send('1.2');
    await watch.look();
    hospital.pass(MINUTE_MS);
    await hospital.watch().precomputeDue();
    expect(hospital.done).toEqual(['embed 1.2.1']);
  });

  test('and grows while it is precomputed is precomputed once more', async () => {
    hospital.send('1.2');
    hospital.onEmbed = async () => {
      hospital.onEmbed = () => undefined;
      hospital.send('1.2', { images: 101 });
      await watch.look();
    };
    await settle();
    expect(hospital.state.pending).toMatchObject([{ study: '1.2' }]);
    hospital.pass(MINUTE_MS);
    await watch.precomputeDue();
    expect(hospital.done).toEqual(['embed 1.2.1', 'embed 1.2.1']);
    expect(hospital.state.pending).toEqual([]);
  });

  test('that a reader opens is precomputed before the others, and at once', async () => {
    for (const study of ['1.2', '1.3', '1.4']) hospital.send(study);
    await watch.look();
    expect(watch.promote('1.4')).toBe(true);
    expect(watch.promote('1.9')).toBe(false);
    await watch.precomputeDue();
    expect(hospital.done).toEqual(['embed 1.4.1']);
    hospital.pass(MINUTE_MS);
    hospital.onEmbed = (series) => {
      if (series === '1.2.1') watch.promote('1.3');
    };
    await watch.precomputeDue();
    expect(hospital.done).toEqual(['embed 1.4.1', 'embed 1.2.1', 'embed 1.3.1']);
  });

  test('is one of so many at a time', async () => {
    const open = Promise.withResolvers<undefined>();
    let running = 0;
    hospital.onEmbed = async () => {
      running += 1;
      await open.promise;
    };
    for (const study of ['1.2', '1.3', '1.4']) hospital.send(study);
    watch = hospital.watch({ studiesAtOnce: 2 });
    await watch.look();
    hospital.pass(MINUTE_MS);
    const precomputing = watch.precomputeDue();
    for (let turn = 0; turn < 20; turn += 1) await nextTurn();
    expect(running).toBe(2);
    open.resolve(undefined);
    await precomputing;
    expect(hospital.done).toHaveLength(3);
  });

  test('that the PACS reports is precomputed, also where it is not looked for', async () => {
    watch = hospital.watch({}, { by: 'report' });
    hospital.send('1.2');
    await watch.look();
    await watch.report('1.2');
    expect(hospital.state.pending).toMatchObject([{ study: '1.2' }]);
    hospital.pass(MINUTE_MS);
    await watch.precomputeDue();
    expect(hospital.done).toEqual(['embed 1.2.1']);
  });

  test('beyond the limit makes the oldest one that waits be given up, and counted', async () => {
    for (let number = 2; number < 14; number += 1) hospital.send(`1.${number}`);
    await watch.look();
    expect(hospital.state.pending.map(({ study }) => study)).toHaveLength(10);
    expect(hospital.state.pending[0]).toMatchObject({ study: '1.4' });
    expect(hospital.counts).toContain('failed 2');
  });
});

describe('a failure', () => {
  test('of the PACS is the status until it answers again, and costs no study an attempt', async () => {
    hospital.send('1.2');
    await watch.look();
    hospital.pass(MINUTE_MS);
    hospital.isDown = true;
    await watch.look();
    await watch.precomputeDue();
    expect(watch.status).toMatchObject({ pending: 1, problem: { code: 'dicomweb/unreachable' } });
    expect(hospital.state.pending).toMatchObject([{ attempts: 0 }]);
    hospital.isDown = false;
    await watch.look();
    await watch.precomputeDue();
    expect(watch.status).toEqual({ name: 'main', pending: 0, problem: undefined });
    expect(hospital.done).toEqual(['embed 1.2.1']);
  });

  test('of our own login is the status', async () => {
    const error = new SamepointError('auth/own-login-failed', { problem: 'invalid_client' });
    watch = hospital.watch({ authorization: () => Promise.reject(error) });
    await watch.look();
    expect(watch.status.problem).toMatchObject({ code: 'auth/own-login-failed' });
  });

  test('of one study lets the next one through; it is tried again later, some times', async () => {
    hospital.send('1.2');
    hospital.send('1.3');
    hospital.onEmbed = (series) => {
      if (series === '1.2.1') throw new SamepointError('queue/work-lost', { attempts: 4 });
    };
    await settle();
    expect(hospital.done).toEqual(['embed 1.3.1']);
    expect(hospital.state.pending).toMatchObject([{ study: '1.2', attempts: 1 }]);
    await watch.precomputeDue();
    expect(hospital.state.pending).toMatchObject([{ attempts: 1 }]);
    for (let hour = 0; hour < 10; hour += 1) {
      hospital.pass(61 * MINUTE_MS);
      await watch.precomputeDue();
    }
    expect(hospital.state.pending).toEqual([]);
    expect(hospital.counts.filter((count) => count === 'failed 1')).toHaveLength(1);
  });

  test('that no attempt would change gives a study up', async () => {
    hospital.send('1.2');
    hospital.onEmbed = () => {
      throw new SamepointError('dicomweb/forbidden', { operation: 'a search' });
    };
    await settle();
    expect(hospital.state.pending).toEqual([]);
    expect(hospital.counts).toContain('failed 1');
  });
});

describe('a study that is deleted in the PACS', () => {
  beforeEach(async () => {
    hospital.send('1.0', { day: '20250101' });
    hospital.send('1.2', { priors: ['1.0'] });
    await settle();
    expect(hospital.state.precomputed).toEqual(['1.2', '1.0']);
  });

  test('is forgotten, with all that was made of it; so is an earlier one that came with it', async () => {
    hospital.studies.delete('1.0');
    await watch.look();
    expect(hospital.dropped).toEqual([{ studyInstanceUid: '1.0' }]);
    hospital.studies.delete('1.2');
    await watch.look();
    expect(hospital.dropped).toEqual([{ studyInstanceUid: '1.0' }, { studyInstanceUid: '1.2' }]);
    expect(hospital.state.precomputed).toEqual([]);
    expect(hospital.counts.filter((count) => count === 'gone 1')).toHaveLength(2);
    hospital.send('1.2');
    await settle();
    expect(hospital.done.at(-1)).toBe('embed 1.2.1');
  });

  test('is kept while the PACS does not answer', async () => {
    hospital.studies.delete('1.2');
    hospital.isDown = true;
    await watch.look();
    expect(hospital.dropped).toEqual([]);
  });

  test('before it is precomputed is not an error', async () => {
    hospital.send('1.3');
    await watch.look();
    hospital.studies.delete('1.3');
    hospital.pass(MINUTE_MS);
    await watch.precomputeDue();
    expect(hospital.state.pending).toEqual([]);
    expect(watch.status.problem).toBeUndefined();
  });

  test('or a series of it, which a reader did not get, is looked at with our own credentials', async () => {
    const series = (number: number) => ({ studyInstanceUid: '1.2', seriesInstanceUid: `1.2.${number}` });
    watch.suspect(series(1));
    watch.suspect(series(7));
    watch.suspect({ studyInstanceUid: '1.7', seriesInstanceUid: '1.7.1' });
    await watch.look();
    expect(hospital.dropped).toEqual([series(7), { studyInstanceUid: '1.7' }]);
    await watch.look();
    expect(hospital.dropped).toHaveLength(2);
  });
});
