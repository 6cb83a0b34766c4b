import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { dayOf, daysBefore } from './days.ts';
import { NOTHING_KNOWN, stateFile } from './state.ts';
import type { ArrivalState, StateFile } from './state.ts';

let folder: string;
let damaged: number;
let file: StateFile;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'samepoint-arrival-'));
  damaged = 0;
  file = open();
});
afterEach(() => rm(folder, { recursive: true }));

function open(): StateFile {
  return stateFile(
    join(folder, 'inner', 'main.json'),
    () => {
      damaged += 1;
    },
    () => '20261130',
  );
}

const STATE: ArrivalState = {
  version: 1,
  polledOn: '20261129',
  change: 7,
  seen: { '1.2': { day: '20261129', images: 3 }, '1.3': {} },
  pending: [{ study: '1.3', changedAtMs: 5, attempts: 1, notBeforeMs: 9, openedAtMs: 6 }],
  precomputed: ['1.2'],
};

test('what is written is read again; before, nothing is known', async () => {
  expect(await file.read()).toEqual(NOTHING_KNOWN);
  await file.write(STATE);
  expect(await open().read()).toEqual(STATE);
  expect(await readdir(join(folder, 'inner'))).toEqual(['main.json']);
});

test('only the owner may read it', async () => {
  await file.write(STATE);
  expect((await stat(join(folder, 'inner', 'main.json'))).mode & 0o077).toBe(0);
});

test.each(['', '{"version":1', '{"version":2}', '[]'])(
  'after the damage %p, all of the last days is new',
  async (text) => {
    await mkdir(join(folder, 'inner'));
    await writeFile(join(folder, 'inner', 'main.json'), text);
    expect(await file.read()).toEqual({ ...NOTHING_KNOWN, polledOn: '20261130', change: 0 });
    expect(damaged).toBe(1);
  },
);

test('a folder that cannot be written is an error in words', async () => {
  await writeFile(join(folder, 'inner'), 'a file');
  await expect(file.write(STATE)).rejects.toMatchObject({ code: 'arrival/state-unusable' });
});

test('days before a day are those of the calendar', () => {
  expect(daysBefore('20260301', 1)).toBe('20260228');
  expect(daysBefore('20240301', 1)).toBe('20240229');
  expect(daysBefore('20260102', 3)).toBe('20251230');
  const days = fc.date({ min: new Date(1990, 0, 1), max: new Date(2090, 0, 1), noInvalidDate: true });
  fc.assert(
    fc.property(days, fc.nat(365), fc.nat(365), (date, one, other) => {
      const day = dayOf(date.getTime());
      expect(daysBefore(daysBefore(day, one), other)).toBe(daysBefore(day, one + other));
    }),
  );
});
