import { SamepointError } from '../errors/index.ts';
import { withCircuit } from './circuit.ts';
import type { DicomwebSource } from '../dicomweb/types.ts';

const DOWN = new SamepointError('dicomweb/unreachable', { operation: 'o', reason: 'ECONNREFUSED' });
const REFUSED = new SamepointError('dicomweb/forbidden', { operation: 'o' });

/** A PACS that fails with a given error, behind a circuit of two failures and 1 s. */
function setUp() {
  const state: { error: Error | undefined; sent: number; now: number } = { error: DOWN, sent: 0, now: 0 };
  const answer = async (): Promise<never[]> => {
    state.sent += 1;
    await Promise.resolve();
    if (state.error !== undefined) throw state.error;
    return [];
  };
  const series = async function* (): AsyncGenerator<Uint8Array> {
    await answer();
    yield new Uint8Array(1);
  };
  const source = { searchStudies: answer, retrieveSeries: series } as unknown as DicomwebSource;
  const guarded = withCircuit(source, { failures: 2, openMs: 1_000, monotonic: () => state.now });
  const search = (): Promise<unknown> => guarded.searchStudies({}).catch((error: unknown) => error);
  const retrieve = async (): Promise<unknown> => {
    try {
      const parts = guarded.retrieveSeries({ studyInstanceUid: '1.2', seriesInstanceUid: '1.3' });
      const read: Uint8Array[] = [];
      for await (const part of parts) read.push(part);
      return read;
    } catch (error) {
      return error;
    }
  };
  return { state, search, retrieve };
}

describe('withCircuit', () => {
  it('sends no more after some failures in a row, and says why', async () => {
    const { state, search, retrieve } = setUp();
    await search();
    await search();
    expect(await search()).toMatchObject({ code: 'dicomweb/unreachable' });
    expect(await retrieve()).toMatchObject({ code: 'dicomweb/unreachable' });
    expect(state.sent).toBe(2);
  });

  it('tries once after a while; the others wait for what becomes of it', async () => {
    const { state, search } = setUp();
    await search();
    await search();
    state.now = 1_001;
    await Promise.all([search(), search(), search()]);
    expect(state.sent).toBe(3);
  });

  it('is closed again after an answer', async () => {
    const { state, search, retrieve } = setUp();
    await search();
    await search();
    state.now = 1_001;
    state.error = undefined;
    expect(await retrieve()).toHaveLength(1);
    expect(await search()).toEqual([]);
    expect(state.sent).toBe(4);
  });

  it('counts a refusal, and a failure between answers, as no outage', async () => {
    const { state, search } = setUp();
    state.error = REFUSED;
    await search();
    await search();
    await search();
    state.error = DOWN;
    await search();
    state.error = undefined;
    await search();
    state.error = DOWN;
    await search();
    await search();
    expect(state.sent).toBe(7);
  });

  it('does not count a caller who has gone', async () => {
    const { state, search } = setUp();
    state.error = new DOMException('gone', 'AbortError');
    await search();
    await search();
    await search();
    expect(state.sent).toBe(3);
  });
});
