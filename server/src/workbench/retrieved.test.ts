import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { loadConfig } from '../config/index.ts';
import {
  FILES,
  pacs,
  requests,
  send,
  SERIES,
  SERIES_PATH,
  stopPacs,
  WHOLE,
} from '../dicomweb/testing/pacs.ts';
import { RetrievedSeries } from './retrieved.ts';

afterEach(stopPacs);

const io = {
  stdout: { write: () => true },
  stderr: { write: () => true },
  env: {},
  signal: new AbortController().signal,
};

/** Retrieves from the PACS that runs. */
async function retriever(): Promise<RetrievedSeries> {
  const client = await pacs({ [SERIES_PATH]: send(WHOLE) });
  await client.searchSeries(SERIES.studyInstanceUid, {});
  const root = `http://${requests[0]?.headers.host ?? ''}/dicom-web`;
  return new RetrievedSeries(await loadConfig({ env: { SAMEPOINT_DICOMWEB_ROOT: root } }), io);
}

test('a series of the PACS is retrieved once, and its files go at the end', async () => {
  const retrieved = await retriever();
  const folder = await retrieved.folderOf(SERIES);
  expect(await retrieved.folderOf({ ...SERIES })).toBe(folder);
  expect(requests.filter(({ url }) => url.endsWith(SERIES_PATH))).toHaveLength(1);
  const names = readdirSync(folder).sort();
  expect(names).toHaveLength(FILES.length);
  for (const [n, name] of names.entries())
    expect(readFileSync(join(folder, name)).equals(FILES[n]!)).toBe(true);
  // Of the caller only.
  expect(statSync(dirname(folder)).mode & 0o077).toBe(0);
  await retrieved.remove();
  expect(existsSync(dirname(folder))).toBe(false);
});

test('without a series there is nothing to remove', async () => {
  await (await retriever()).remove();
  expect(requests.filter(({ url }) => url.endsWith(SERIES_PATH))).toHaveLength(0);
});

test('without a PACS it says what is missing', async () => {
  const retrieved = new RetrievedSeries(await loadConfig({ env: {}, needsPacs: false }), io);
  await expect(retrieved.folderOf(SERIES)).rejects.toMatchObject({ code: 'config/invalid' });
});
