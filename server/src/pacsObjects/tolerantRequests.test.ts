import { SamepointError } from '../errors/index.ts';
import { sideBySide } from './sideBySide.ts';
import { TolerantRequests } from './tolerantRequests.ts';

const logger = { info: () => undefined, warn: () => undefined, error: () => undefined };
const operation = 'WADO-RS retrieve instance';
const busy = new SamepointError('dicomweb/server-error', { operation, httpStatus: 503, retryAfterMs: 0 });
const nearline = new SamepointError('dicomweb/nearline', { operation });
const silent = new SamepointError('dicomweb/timeout', { operation, timeoutMs: 1 });

/** What comes of objects that fail or come. */
async function retrieved(
  errors: readonly (SamepointError | undefined)[],
  isThere?: () => Promise<unknown>,
): Promise<number> {
  const requests = new TolerantRequests(logger, isThere);
  let count = 0;
  for (const error of errors) {
    const answer = await requests.retrieve(() =>
      error === undefined ? Promise.resolve('object') : Promise.reject(error),
    );
    if (answer !== undefined) count += 1;
  }
  await requests.requireAnswers();
  return count;
}

describe('objects that wait in a long-term archive hide no other', () => {
  test.each([
    ['202', nearline],
    ['503', busy],
  ])('HTTP %s for each of them', async (_, error) => {
    const errors = [...Array.from({ length: 7 }, () => error), undefined];
    expect(await retrieved(errors, () => Promise.resolve([]))).toBe(1);
  });

  test('unless the PACS does not answer otherwise', async () => {
    const gone = (): Promise<never> => Promise.reject(busy);
    await expect(retrieved([busy, busy, busy, undefined], gone)).rejects.toBe(busy);
    await expect(retrieved([busy, busy, busy, undefined])).rejects.toBe(busy);
  });

  test('and where nothing else is in the study they are no error, as long as the PACS is there', async () => {
    expect(await retrieved([busy], () => Promise.resolve([]))).toBe(0);
    await expect(retrieved([busy], () => Promise.reject(busy))).rejects.toBe(busy);
  });

  test('unless they are many, or the PACS is silent', async () => {
    const there = (): Promise<unknown> => Promise.resolve([]);
    await expect(
      retrieved(
        Array.from({ length: 30 }, () => busy),
        there,
      ),
    ).rejects.toBe(busy);
    await expect(retrieved([silent, silent, silent, undefined], there)).rejects.toBe(silent);
    await expect(retrieved([silent], there)).rejects.toBe(silent);
  });
});

describe('work side by side', () => {
  test('is begun in its order, four at a time, and all is done', async () => {
    const begun: number[] = [];
    const done: number[] = [];
    let atOnce = 0;
    let most = 0;
    const items = Array.from({ length: 11 }, (_, index) => index);
    await sideBySide(items, async (item) => {
      begun.push(item);
      atOnce += 1;
      most = Math.max(most, atOnce);
      for (let turn = 0; turn < 2 + (item % 3); turn += 1) await Promise.resolve();
      atOnce -= 1;
      done.push(item);
    });
    expect(begun).toEqual(items);
    expect(done.sort((a, b) => a - b)).toEqual(items);
    expect(most).toBe(4);
  });

  test('ends with its first failure', async () => {
    const begun: number[] = [];
    const work = sideBySide([0, 1, 2, 3, 4, 5, 6, 7], async (item) => {
      begun.push(item);
      await Promise.resolve();
      if (item === 1) throw silent;
    });
    await expect(work).rejects.toBe(silent);
    await Promise.resolve();
    expect(begun.length).toBeLessThan(8);
  });
});
