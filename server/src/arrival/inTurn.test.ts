import type { Duty, Report } from './duty.ts';
import { inTurn } from './inTurn.ts';
import type { Watch } from './inTurn.ts';
import { FakeHospital } from './testing/hospital.ts';
import { SamepointError } from '../errors/index.ts';

const MINUTE_MS = 60_000;
const UNREACHABLE = new SamepointError('queue/unreachable', { problem: 'ECONNREFUSED' });

/** A duty whose reports lie in memory. */
class FakeDuty implements Duty {
  isMine = true;
  isDown = false;
  readonly reports: Report[] = [];
  readonly state: Duty['state'];
  constructor(state: Duty['state']) {
    this.state = state;
  }
  get problem(): Duty['problem'] {
    return this.isDown ? { code: 'queue/unreachable', message: 'no Redis' } : undefined;
  }
  begin(): void {
    this.isMine = true;
  }
  send(report: Report): Promise<void> {
    if (this.isDown) return Promise.reject(UNREACHABLE);
    this.reports.push(report);
    return Promise.resolve();
  }
  async receive(handle: (report: Report) => Promise<void>): Promise<void> {
    if (this.isDown) throw UNREACHABLE;
    for (const report of [...this.reports]) {
      await handle(report);
      this.reports.shift();
    }
  }
  close(): Promise<void> {
    return Promise.resolve();
  }
}

let hospital: FakeHospital;
let duty: FakeDuty;
let watch: Watch;
beforeEach(async () => {
  hospital = new FakeHospital();
  const state: Duty['state'] = {
    read: () => Promise.resolve(hospital.state),
    write: (written) => {
      hospital.state = written;
      return Promise.resolve();
    },
  };
  duty = new FakeDuty(state);
  watch = inTurn(hospital.watch({}, { duty, state }), duty);
  await watch.look();
});

async function settle(): Promise<void> {
  await watch.look();
  hospital.pass(MINUTE_MS);
  await watch.precomputeDue();
}

it('a server that watches notices, precomputes, and says what waits', async () => {
  hospital.send('1.2');
  await watch.look();
  expect(watch.status.pending).toBe(1);
  await settle();
  expect(hospital.done).toEqual(['embed 1.2.1']);
});

it('one that does not watch requests nothing of the PACS, and has no studies that wait', async () => {
  hospital.send('1.2');
  await watch.look();
  duty.isMine = false;
  const before = hospital.queries.length;
  await settle();
  expect([hospital.queries.length, hospital.done]).toEqual([before, []]);
  expect(watch.status).toEqual({ name: 'main', pending: 0, problem: undefined });
});

it('one whose turn ends begins no other study', async () => {
  hospital.send('1.2');
  hospital.send('1.3');
  hospital.onEmbed = () => {
    duty.isMine = false;
  };
  await settle();
  expect(hospital.done).toEqual(['embed 1.2.1']);
});

it('what is reported to any server is done by the one that watches', async () => {
  duty.isMine = false;
  hospital.studies.set('1.2', { day: '20200101', images: 100 });
  await watch.report('1.2');
  watch.suspect({ studyInstanceUid: '1.9', seriesInstanceUid: '1.9.1' });
  expect(watch.promote('1.2')).toBe(false);
  expect(duty.reports.map(({ kind }) => kind)).toEqual(['changed', 'suspect', 'opened']);
  duty.isMine = true;
  await watch.look();
  // A reader has opened it: it does not wait until it is complete.
  await watch.precomputeDue();
  expect(hospital.done).toEqual(['embed 1.2.1']);
  expect(hospital.dropped).toEqual([{ studyInstanceUid: '1.9' }]);
  expect(duty.reports).toEqual([]);
});

it('two looks at a time do a report once', async () => {
  await watch.report('1.2');
  await Promise.all([watch.look(), watch.precomputeDue()]);
  expect(hospital.counts.filter((count) => count === 'seen 1')).toHaveLength(1);
});

it('without Redis a report is refused, a hint is lost, and the status says why', async () => {
  duty.isDown = true;
  await expect(watch.report('1.2')).rejects.toMatchObject({ code: 'queue/unreachable' });
  await expect(watch.look()).resolves.toBeUndefined();
  duty.isMine = false;
  watch.suspect({ studyInstanceUid: '1.9' });
  expect(watch.status.problem).toMatchObject({ code: 'queue/unreachable' });
});
