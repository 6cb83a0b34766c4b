/** The folder: what is stored, found again, omitted. */
import { mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { part10 } from '../dicomweb/testing/part10.ts';
import { createArchive } from './archive.ts';
import type { RunningArchive } from './testing/archive.ts';
import { runArchive, temporaryFolder } from './testing/archive.ts';

let running: RunningArchive;

beforeEach(async () => {
  running = await runArchive();
});
afterEach(async () => {
  await running.stop();
});

async function files(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => entry.name);
}

test('stores the bytes unchanged, once, and finds them after a restart', async () => {
  const file = part10();
  expect(await running.archive.store(file)).toEqual({
    studyInstanceUid: '1.2.3',
    seriesInstanceUid: '1.2.3.4',
    sopInstanceUid: '1.2.3.4.5',
    sopClassUid: '1.2.840.10008.5.1.4.1.1.2',
    transferSyntaxUid: '1.2.840.10008.1.2.1',
    created: true,
  });
  expect(await running.archive.store(file)).toMatchObject({ created: false });
  await running.archive.store(part10({ sop: '1.2.3.4.6' }));
  await running.archive.store(part10({ study: '1.9', series: '1.9.1', sop: '1.9.1.1' }));
  const stored = join(running.directory, '1.2.3', '1.2.3.4', '1.2.3.4.5.dcm');
  expect(Buffer.compare(await readFile(stored), file)).toBe(0);
  const counts = { studies: 2, series: 2, instances: 3 };
  expect(running.archive.counts()).toEqual(counts);
  expect((await running.reopen()).counts()).toEqual(counts);
  expect(running.warnings).toEqual([]);
});

test('the same instance from many sides at once is stored once', async () => {
  const results = await Promise.all(Array.from({ length: 8 }, () => running.archive.store(part10())));
  expect(results.filter(({ created }) => created)).toHaveLength(1);
  expect(await files(running.directory)).toEqual(['1.2.3.4.5.dcm']);
});

test('other content under a known SOP Instance UID is refused, the first stays', async () => {
  const file = part10();
  await running.archive.store(file);
  const changed = part10({ elements: { '00080050': { vr: 'SH', Value: ['changed'] } } });
  await expect(running.archive.store(changed)).rejects.toMatchObject({ code: 'archive/duplicate-instance' });
  await expect(running.archive.store(part10({ series: '1.2.3.9' }))).rejects.toMatchObject({
    code: 'archive/duplicate-instance',
  });
  const stored = join(running.directory, '1.2.3', '1.2.3.4', '1.2.3.4.5.dcm');
  expect(Buffer.compare(await readFile(stored), file)).toBe(0);
});

test.each(['../../../escape', '/etc', '..', '1.2/../3', ''])('a UID %p never becomes a path', async (uid) => {
  const file = part10({ study: uid });
  await expect(running.archive.store(file)).rejects.toMatchObject({ code: 'archive/not-dicom' });
  expect(await files(running.directory)).toEqual([]);
});

test('a file that is cut anywhere is refused', async () => {
  const pixels = Buffer.from([0xe0, 0x7f, 0x10, 0, 0x4f, 0x57, 0, 0, 4, 0, 0, 0, 1, 2, 3, 4]);
  const file = part10({ tail: pixels });
  // Between two elements a cut cannot be seen: the rest is a data set without pixel data.
  const withoutPixels = file.length - pixels.length;
  for (let length = 0; length < file.length; length += 1) {
    if (length === withoutPixels) continue;
    await expect(running.archive.store(file.subarray(0, length))).rejects.toMatchObject({
      code: 'archive/not-dicom',
    });
  }
  expect(await files(running.directory)).toEqual([]);
  expect(await running.archive.store(file)).toMatchObject({ created: true });
});

test('a write that fails stores nothing, and the next one works', async () => {
  await writeFile(join(running.directory, '1.2.3'), 'a file where the folder of the study should be');
  await expect(running.archive.store(part10())).rejects.toMatchObject({
    code: 'archive/write-failed',
    status: 507,
  });
  expect(running.archive.counts().instances).toBe(0);
  expect(await files(running.directory)).toEqual(['1.2.3']);
  expect(await running.archive.store(part10({ study: '1.7', sop: '1.7.1' }))).toMatchObject({
    created: true,
  });
});

test('damaged files are omitted with a warning, unfinished ones are removed, links are not followed', async () => {
  const outside = await temporaryFolder();
  await writeFile(join(outside, 'outside.dcm'), part10({ sop: '1.2.3.4.99' }));
  await mkdir(join(running.directory, 'dropped by hand'));
  await writeFile(join(running.directory, 'dropped by hand', 'a.dcm'), part10({ sop: '1.2.3.4.7' }));
  await writeFile(join(running.directory, 'dropped by hand', 'b.dcm'), part10({ sop: '1.2.3.4.7' }));
  await writeFile(join(running.directory, 'cut.dcm'), part10().subarray(0, 300));
  await writeFile(join(running.directory, 'empty.dcm'), '');
  await writeFile(join(running.directory, 'readme.txt'), 'no DICOM at all');
  await writeFile(join(running.directory, '.samepoint-00000000-0000-4000-8000-000000000000.part'), 'half');
  await symlink(outside, join(running.directory, 'link'));
  const reopened = await running.reopen();
  expect(reopened.counts().instances).toBe(1);
  expect(running.warnings.map(({ file }) => file)).toEqual([
    'cut.dcm',
    join('dropped by hand', 'b.dcm'),
    'empty.dcm',
    'readme.txt',
  ]);
  expect(await files(running.directory)).not.toContain(
    '.samepoint-00000000-0000-4000-8000-000000000000.part',
  );
  await rm(outside, { recursive: true });
});

test('a folder that cannot be made is named by its error code', async () => {
  const file = join(running.directory, 'file');
  await writeFile(file, '');
  await expect(createArchive({ directory: join(file, 'below') })).rejects.toMatchObject({
    code: 'archive/no-folder',
    fields: { reason: 'ENOTDIR' },
  });
});
