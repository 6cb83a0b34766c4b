/** A PACS that is never silent for long and never done: it must not hold a place for ever. */
import type { Answer } from './testing/pacs.ts';
import {
  failure,
  MULTIPART,
  pacs,
  requests,
  SERIES,
  SERIES_PATH,
  send,
  SOPS,
  stopPacs,
  WHOLE,
} from './testing/pacs.ts';
import { TransferRate } from './transferRate.ts';

afterEach(stopPacs);

/** Sends so many bytes every few ms, without end. */
const trickle =
  (bytes: number, everyMs: number, answer: Uint8Array = WHOLE): Answer =>
  (response) => {
    response.writeHead(200, { 'content-type': MULTIPART });
    let sent = 0;
    const timer = setInterval(() => {
      const start = sent % answer.byteLength;
      response.write(answer.subarray(start, start + bytes));
      sent += bytes;
    }, everyMs);
    response.on('close', () => {
      clearInterval(timer);
    });
  };

async function read(source: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const part10 of source) expect(part10.byteLength).toBeGreaterThan(0);
}

describe('a PACS that trickles', () => {
  test('is given up when it is slower than the minimum over the time that it may be silent, and gets no further request', async () => {
    // Long enough that a busy machine does not make the PACS look silent, which would be a reason to request again.
    const source = await pacs(
      { [SERIES_PATH]: trickle(1, 20) },
      { timeoutMs: 1000, minBytesPerSecond: 10_000 },
    );
    const error = await failure(read(source.retrieveSeries(SERIES)));
    expect(error).toMatchObject({
      code: 'dicomweb/too-slow',
      status: 504,
      fields: { minBytesPerSecond: 10_000 },
    });
    expect(requests.filter(({ url }) => url.endsWith(SERIES_PATH))).toHaveLength(1);
  });

  test('is given up in a search as well', async () => {
    const list = Buffer.from(`[${' '.repeat(100_000)}`);
    const source = await pacs({ '/studies': trickle(1, 20, list) }, { timeoutMs: 200 });
    expect((await failure(source.searchStudies({}))).code).toBe('dicomweb/too-slow');
  });

  test('is given up at the deadline of the series where it is just fast enough', async () => {
    const source = await pacs(
      { [SERIES_PATH]: trickle(1, 20) },
      { minBytesPerSecond: 0, seriesTimeoutMs: 300 },
    );
    expect(await failure(read(source.retrieveSeries(SERIES)))).toMatchObject({
      code: 'dicomweb/series-timeout',
      fields: { seriesTimeoutMs: 300, instances: 0 },
    });
  });

  test('is given up at the deadline where it fails again and again', async () => {
    const source = await pacs(
      { [SERIES_PATH]: (response) => response.writeHead(503).end() },
      { retries: 1000, seriesTimeoutMs: 300, sleep: (ms, signal) => pause(ms, signal) },
    );
    expect((await failure(read(source.retrieveSeries(SERIES)))).code).toBe('dicomweb/series-timeout');
  });

  test('keeps the reason of a caller who disconnects first', async () => {
    const source = await pacs({ [SERIES_PATH]: trickle(1, 20) }, { minBytesPerSecond: 0 });
    const disconnect = new AbortController();
    const reading = read(source.retrieveSeries(SERIES, { signal: disconnect.signal }));
    disconnect.abort(new Error('the reader has gone'));
    await expect(reading).rejects.toThrow('the reader has gone');
  });
});

/** Waits for a part of the requested time, at most 10 ms. */
async function pause(ms: number, signal?: AbortSignal): Promise<void> {
  signal?.throwIfAborted();
  await new Promise((resolve) => setTimeout(resolve, Math.min(ms, 10)));
}

describe('TransferRate', () => {
  test('judges stretches of waiting: a silence as long as the window is compensated by what follows', () => {
    const rate = new TransferRate(1000, 10_000);
    expect(rate.add(1, 9_999)).toBeUndefined();
    expect(rate.add(1_000_000, 1)).toBeUndefined();
    expect(rate.add(9_000, 9_999)).toBeUndefined();
    expect(rate.add(9, 9_999)).toBeCloseTo(450.5, 1);
  });

  test('does not count the time of a slow consumer', () => {
    const rate = new TransferRate(1000, 10_000);
    for (let chunk = 0; chunk < 1_000; chunk += 1) expect(rate.add(1, 0.01)).toBeUndefined();
  });
});

describe('the probe of an instance', () => {
  const path = `${SERIES_PATH}/instances/${SOPS[0] ?? ''}`;
  const probe = async (answer: Answer): Promise<string> => {
    await stopPacs();
    const source = await pacs({ [path]: answer });
    return await source.probeInstance(SERIES, SOPS[0] ?? '').then(
      () => 'sent',
      async (error: unknown) => (await failure(Promise.reject(error as Error))).code,
    );
  };

  test('holds as soon as the instance begins to come', async () => {
    expect(await probe(send(WHOLE))).toBe('sent');
    expect(
      await probe((response) => {
        response.writeHead(200, { 'content-type': MULTIPART });
        // The rest never comes.
        response.write(WHOLE.subarray(0, 1000));
      }),
    ).toBe('sent');
  });

  test.each([
    ['a login page', send(Buffer.from('<html>'), 'text/html'), 'dicomweb/not-multipart'],
    ['another instance', send(WHOLE.subarray(WHOLE.indexOf(SOPS[1] ?? ''))), 'dicomweb/bad-answer'],
    ['nothing', send(Buffer.alloc(0)), 'dicomweb/bad-answer'],
    ['a refusal', send(Buffer.alloc(0), 'text/plain', 403), 'dicomweb/forbidden'],
    ['no such instance', send(Buffer.alloc(0), 'text/plain', 404), 'dicomweb/instance-not-found'],
  ])('is refused by %s', async (_name, answer, code) => {
    expect(await probe(answer)).toBe(code);
  });
});
