import fc from 'fast-check';
import { boundaryOf } from './mediaType.ts';
import { MultipartError, readMultipart } from './multipart.ts';

async function* chunked(bytes: Uint8Array, sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  let at = 0;
  for (let index = 0; at < bytes.length; index += 1) {
    const size = sizes[index % sizes.length] ?? 1;
    yield bytes.subarray(at, at + size);
    at += size;
    await Promise.resolve();
  }
}

async function read(
  bytes: string | Uint8Array,
  boundary: string | undefined,
  sizes: readonly number[] = [7],
) {
  const parts: { contentType: string; body: string }[] = [];
  const source = chunked(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes, sizes);
  for await (const { contentType, body } of readMultipart(source, boundary))
    parts.push({ contentType, body: Buffer.from(body).toString('latin1') });
  return parts;
}

describe('boundaryOf', () => {
  test.each([
    ['multipart/related; type="application/dicom"; boundary=abc', 'abc'],
    ['multipart/related; boundary="a b=c;d"; type="application/dicom"', 'a b=c;d'],
    ['Multipart/Related;boundary=----x-1', '----x-1'],
    ['multipart/related ; BOUNDARY = "q\\"q"', 'q"q'],
    ['multipart/related; start="<a;boundary=no>"; boundary=yes', 'yes'],
    ['multipart/related; type="application/dicom;boundary=no" ; boundary="yes"', 'yes'],
    ['multipart/mixed; boundary=b', 'b'],
  ])('%s', (contentType, boundary) => {
    expect(boundaryOf(contentType)).toBe(boundary);
  });

  test.each([
    'text/html',
    'multipart/form-data; boundary=abc',
    'multipart/related',
    'multipart/related; boundary=',
    'multipart/related; boundary=""',
    `multipart/related; boundary=${'b'.repeat(257)}`,
    '',
  ])('no boundary in %p', (contentType) => {
    expect(boundaryOf(contentType)).toBeUndefined();
  });
});

describe('readMultipart', () => {
  test('gives the memory of chunks back as it reads, and keeps memory that others use, too', async () => {
    const text = '--b\r\n\r\nfirst\r\n--b\r\n\r\nsecond\r\n--b--\r\n';
    const own = ['', text.slice(0, 20), text.slice(20)].map((piece) => Uint8Array.from(Buffer.from(piece)));
    const pool = Uint8Array.from(Buffer.from(`${text} and more`));
    const bodies = async (chunks: readonly Uint8Array[]): Promise<readonly string[]> => {
      async function* source(): AsyncGenerator<Uint8Array> {
        for (const chunk of chunks) yield await Promise.resolve(chunk);
      }
      const found: string[] = [];
      for await (const { body } of readMultipart(source(), 'b')) found.push(Buffer.from(body).toString());
      return found;
    };
    expect(await bodies(own)).toEqual(['first', 'second']);
    expect(own.map(({ byteLength }) => byteLength)).toEqual([0, 0, 0]);
    expect(await bodies([pool.subarray(0, text.length)])).toEqual(['first', 'second']);
    expect(Buffer.from(pool).toString()).toBe(`${text} and more`);
  });

  test('the example of RFC 2046 5.1.1, with preamble and epilogue', async () => {
    const message = [
      'This is the preamble.  It is to be ignored, though it',
      'is a handy place for composition agents to include an',
      'explanatory note to non-MIME conformant readers.',
      '',
      '--simple boundary',
      '',
      'This is implicitly typed plain US-ASCII text.',
      'It does NOT end with a linebreak.',
      '--simple boundary',
      'Content-type: text/plain; charset=us-ascii',
      '',
      'This is explicitly typed plain US-ASCII text.',
      'It DOES end with a linebreak.',
      '',
      '--simple boundary--',
      '',
      'This is the epilogue.  It is also to be ignored.',
    ].join('\r\n');
    expect(await read(message, 'simple boundary')).toEqual([
      {
        contentType: '',
        body: 'This is implicitly typed plain US-ASCII text.\r\nIt does NOT end with a linebreak.',
      },
      {
        contentType: 'text/plain; charset=us-ascii',
        body: 'This is explicitly typed plain US-ASCII text.\r\nIt DOES end with a linebreak.\r\n',
      },
    ]);
  });

  test('a part that contains text like the boundary, padding after the boundary, an empty part', async () => {
    const message =
      '--b  \r\nX: 1\r\n\r\none\r\n--bb\r\n--b-x\r\n--b \t\r\ncontent-type:application/dicom\r\n\r\n\r\n--b--';
    expect(await read(message, 'b')).toEqual([
      { contentType: '', body: 'one\r\n--bb\r\n--b-x' },
      { contentType: 'application/dicom', body: '' },
    ]);
  });

  test('no part at all', async () => {
    expect(await read('--b--\r\n', 'b')).toEqual([]);
  });

  test('parts and chunks of any size come back byte for byte', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 6 }),
        fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1, maxLength: 5 }),
        async (bodies, sizes) => {
          const message = Buffer.concat([
            ...bodies.flatMap((body) => [
              Buffer.from('\r\n--bnd\r\nContent-Type: application/dicom\r\n\r\n'),
              body,
            ]),
            Buffer.from('\r\n--bnd--'),
          ]);
          const parts = await read(message, 'bnd', sizes);
          expect(parts.map(({ body }) => body)).toEqual(
            bodies.map((body) => Buffer.from(body).toString('latin1')),
          );
        },
      ),
    );
  });

  test('every cut of a message is an error that counts the whole parts, never a shorter list', async () => {
    const message = Buffer.from('--b\r\n\r\nfirst\r\n--b\r\n\r\nsecond\r\n--b--');
    const secondDelimiter = message.indexOf('\r\n--b', 5) + '\r\n--b\r\n'.length;
    for (let length = 0; length < message.length; length += 1) {
      const error: unknown = await read(message.subarray(0, length), 'b', [3]).catch(
        (caught: unknown) => caught,
      );
      if (!(error instanceof MultipartError)) throw new Error(`cut after ${length} bytes: no error`);
      expect(error.fault).toBe('truncated');
      expect(error.parts).toBe(length < secondDelimiter ? 0 : 1);
    }
  });

  test('bytes without the announced boundary are malformed before they fill the memory', async () => {
    let sent = 0;
    async function* endless(): AsyncGenerator<Uint8Array> {
      for (;;) {
        sent += 4096;
        yield new Uint8Array(4096);
        await Promise.resolve();
      }
    }
    const reading = (async () => {
      for await (const part of readMultipart(endless(), 'b')) expect(part).toBeUndefined();
    })();
    await expect(reading).rejects.toMatchObject({ fault: 'malformed' });
    expect(sent).toBeLessThan(100 * 1024);
  });

  test('headers without an end are malformed', async () => {
    const message = `--b\r\nX: ${'x'.repeat(20_000)}`;
    await expect(read(message, 'b', [1000])).rejects.toMatchObject({ fault: 'malformed' });
  });

  test('parts larger than the first buffer, each with a buffer of its own from byte 0', async () => {
    const bodies = [1_500_000, 20, 1_500_000].map((size, index) => new Uint8Array(size).fill(index + 1));
    const message = Buffer.concat([
      ...bodies.flatMap((body) => [Buffer.from('\r\n--bnd\r\n\r\n'), body]),
      Buffer.from('\r\n--bnd--'),
    ]);
    const buffers = new Set<ArrayBuffer>();
    let index = 0;
    for await (const { body } of readMultipart(chunked(message, [65_536]), 'bnd')) {
      expect(Buffer.compare(body, bodies[index]!)).toBe(0);
      expect(body.byteOffset).toBe(0);
      buffers.add(body.buffer);
      index += 1;
    }
    expect(buffers.size).toBe(3);
  });

  test('lines may end with a line feed only; the last bytes of a part stay what they are', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.uint8Array({ maxLength: 60 }), { maxLength: 4 }),
        fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 }),
        async (bodies, sizes) => {
          const ending = bodies.map((body) => Buffer.concat([body, Buffer.from('\r')]));
          const message = Buffer.concat([
            ...ending.flatMap((body) => [
              Buffer.from('--bnd\nContent-Type: application/dicom\n\n'),
              body,
              Buffer.from('\n'),
            ]),
            Buffer.from('--bnd--\n'),
          ]);
          const parts = await read(message, 'bnd', sizes);
          expect(parts).toEqual(
            ending.map((body) => ({ contentType: 'application/dicom', body: body.toString('latin1') })),
          );
        },
      ),
    );
  });

  test('headers with line feeds between delimiters with both', async () => {
    expect(await read('--b\r\nX: 1\nContent-Type: a/b\n\none\r\n--b\r\n\r\ntwo\r\n--b--', 'b')).toEqual([
      { contentType: 'a/b', body: 'one' },
      { contentType: '', body: 'two' },
    ]);
  });

  test.each([
    ['announced with its dashes', '--b', '--b\r\n\r\none\r\n--b--'],
    ['announced in single quotes', "'b'", '--b\r\n\r\none\r\n--b--'],
    ['that has dashes of its own', '--b', '----b\r\n\r\none\r\n----b--'],
    ['that is not announced', undefined, '--any thing\r\n\r\none\r\n--any thing--'],
    ['that closes without a line of its own', 'b', '--b\r\n\r\none--b--'],
    ['that closes so, with a line break behind', 'b', '--b\r\n\r\none--b--\r\n'],
  ])('a boundary %s', async (_, boundary, message) => {
    expect(await read(message, boundary)).toEqual([{ contentType: '', body: 'one' }]);
  });

  test('what is no multipart is none, whatever is announced', async () => {
    await expect(read('<html>', undefined)).rejects.toMatchObject({ fault: 'truncated' });
    await expect(read(`DICM${'\n'.repeat(70_000)}`, undefined, [900])).rejects.toMatchObject({
      fault: 'malformed',
    });
  });

  test('a consumer that stops closes the source', async () => {
    let closed = false;
    async function* source(): AsyncGenerator<Uint8Array> {
      try {
        for (;;) {
          yield Buffer.from('--b\r\n\r\nx\r\n--b\r\n\r\n');
          await Promise.resolve();
        }
      } finally {
        closed = true;
      }
    }
    for await (const part of readMultipart(source(), 'b')) {
      expect(part.body.byteLength).toBe(1);
      break;
    }
    expect(closed).toBe(true);
  });
});
