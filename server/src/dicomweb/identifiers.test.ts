/** Identifiers as PACS write them: padded as in a file, or changed in one of the places that hold them. */
import type { Answer } from './testing/pacs.ts';
import {
  FILES,
  json,
  MULTIPART,
  pacs,
  send,
  SERIES,
  SERIES_PATH,
  SOPS,
  stopPacs,
  WHOLE,
} from './testing/pacs.ts';
import { multipart } from './testing/part10.ts';

afterEach(stopPacs);

const INSTANCE = `${SERIES_PATH}/instances/${SOPS[0]!}`;

describe('answers with the padding of files', () => {
  const padded =
    (padding: string): Answer =>
    (response) => {
      const value = (text: string) => [`${text}${padding}`];
      json(response, [
        {
          '0020000e': { vr: 'UI', Value: value('1.2.3.4') },
          '00201209': { vr: 'IS', Value: value('3') },
        },
      ]);
    };

  test.each([' ', '\0', '\0\0', ' \0'])('%j', async (padding) => {
    const source = await pacs({ '/studies/1.2.3/series': padded(padding), [SERIES_PATH]: send(WHOLE) });
    const progress: (number | undefined)[] = [];
    const onProgress = ({ totalInstances }: { totalInstances?: number }): void => {
      progress.push(totalInstances);
    };
    for await (const file of source.retrieveSeries(SERIES, { onProgress }))
      expect(file.length).toBeGreaterThan(0);
    expect(progress).toEqual([3, 3, 3]);
  });
});

describe('identifiers that differ between file header and data set', () => {
  const changed = (file: Uint8Array, uid: string): Uint8Array => {
    const bytes = Buffer.from(file);
    const at = bytes.indexOf(Buffer.from('\x02\x00\x03\x00UI', 'latin1')) + 8;
    bytes.write(uid, at, 'latin1');
    return bytes;
  };

  test('one header for all instances', async () => {
    const files = FILES.map((file) => changed(file, '9.9.9.9.9'));
    const source = await pacs({
      [SERIES_PATH]: send(multipart(files, 'the boundary')),
      [INSTANCE]: send(multipart([files[0]!], 'the boundary')),
    });
    const found: Uint8Array[] = [];
    for await (const file of source.retrieveSeries(SERIES)) found.push(file);
    expect(found).toEqual(files.map((file) => new Uint8Array(file)));
    expect(await source.retrieveInstance(SERIES, SOPS[0]!)).toEqual(new Uint8Array(files[0]!));
    await source.probeInstance(SERIES, SOPS[0]!);
  });

  test('headers that are exchanged', async () => {
    const files = FILES.map((file, index) => changed(file, SOPS[(index + 1) % 3]!));
    const source = await pacs({
      [INSTANCE]: send(multipart([files[1]!, files[0]!], 'the boundary'), MULTIPART),
    });
    expect(await source.retrieveInstance(SERIES, SOPS[0]!)).toEqual(new Uint8Array(files[0]!));
  });
});
