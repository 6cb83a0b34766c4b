import { transferableSymbol, valueSymbol } from 'piscina';
import { SamepointError } from '../errors/index.ts';
import { answering } from './answering.ts';
import { giveBack } from './giveBack.ts';
import { failed } from './outcome.ts';
import type { Outcome } from './outcome.ts';

/** What a thread hands over: the outcome, and the buffers that go without a copy. */
interface Moved<T> {
  readonly [valueSymbol]: Outcome<T>;
  readonly [transferableSymbol]: readonly ArrayBuffer[];
}

describe('answering', () => {
  it('hands over what the work gives, and moves the named buffers, each once', async () => {
    const bytes = new Uint8Array(16);
    const answer = answering(
      (length: number) => ({ pixels: bytes, head: bytes.subarray(0, length) }),
      ({ pixels, head }) => [pixels.buffer, head.buffer],
    );
    const moved = (await answer(4)) as Moved<{ pixels: Uint8Array }>;
    expect(moved[valueSymbol]).toMatchObject({ ok: true, value: { pixels: bytes } });
    expect(moved[transferableSymbol]).toEqual([bytes.buffer]);
  });

  it('moves nothing by default', async () => {
    const moved = (await answering((text: string) => Promise.resolve(text.length))('four')) as Moved<number>;
    expect(moved[valueSymbol]).toEqual({ ok: true, value: 4 });
    expect(moved[transferableSymbol]).toEqual([]);
  });

  it('answers with the failure of the work instead of failing itself', async () => {
    const sync = answering(() => {
      throw new RangeError('at once');
    });
    const later = answering(() => Promise.reject(new Error('later')));
    expect(await sync(undefined)).toEqual({ ok: false, reason: 'at once' });
    expect(await later(undefined)).toEqual({ ok: false, reason: 'later' });
  });
});

describe('the outcome of a failure', () => {
  it('survives the way between threads, code and fields of the catalogue included', () => {
    const error = new SamepointError('matching/outside-volume', { point: [1, 2, 3], outsideMm: 4 });
    const arrived = structuredClone(failed(error));
    expect(arrived).toEqual({
      ok: false,
      reason: 'point [1, 2, 3] (LPS, mm) lies 4.0 mm outside the query volume',
      catalogued: { code: 'matching/outside-volume', fields: { point: [1, 2, 3], outsideMm: 4 } },
    });
  });

  it.each([
    ['an error of another kind', new TypeError('no'), 'no'],
    ['a number, as codecs throw', 1_189_096, 'exception 1189096'],
    ['nothing', undefined, 'a thrown undefined'],
  ])('has a reason for %s', (_name, thrown, reason) => {
    expect(failed(thrown)).toEqual({ ok: false, reason });
  });
});

describe('giveBack', () => {
  it('empties the array, and every other view of its memory', () => {
    const bytes = new Uint8Array(1_000);
    const view = bytes.subarray(10, 20);
    giveBack(view);
    expect([bytes.length, view.length, bytes.buffer.byteLength]).toEqual([0, 0, 0]);
  });

  it('keeps shared memory for the threads that share it', () => {
    const shared = new Uint8Array(new SharedArrayBuffer(8)).fill(7);
    giveBack(shared);
    expect([...shared]).toEqual(new Array(8).fill(7));
  });
});
