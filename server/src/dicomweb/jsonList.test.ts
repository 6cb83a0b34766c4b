import fc from 'fast-check';
import { JsonFault, readJsonList } from './jsonList.ts';

async function* chunks(bytes: Uint8Array, sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  await Promise.resolve();
  let at = 0;
  for (const size of sizes) {
    yield bytes.subarray(at, at + size);
    at += size;
  }
  yield bytes.subarray(at);
}

const read = (text: string, sizes: readonly number[] = []): Promise<readonly unknown[]> =>
  readJsonList(chunks(Buffer.from(text), sizes));

test('gives what JSON.parse gives, however the bytes arrive', async () => {
  const list = fc.array(fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue()));
  await fc.assert(
    fc.asyncProperty(
      list,
      fc.array(fc.integer({ min: 0, max: 9 })),
      fc.nat(2),
      async (objects, sizes, indent) => {
        const text = JSON.stringify(objects, undefined, indent);
        expect(await read(text, sizes)).toEqual(JSON.parse(text));
      },
    ),
    { numRuns: 200 },
  );
});

test('an empty body is an empty list', async () => {
  expect(await read('')).toEqual([]);
  expect(await read(' \r\n')).toEqual([]);
  expect(await read('[ ]\n')).toEqual([]);
});

test.each([
  '<html>Doe^John</html>',
  '{}',
  '[1]',
  '["a"]',
  '[{}',
  '[{},]',
  '[,{}]',
  '[{} {}]',
  '[{}]]',
  '[{}][',
  '[{"a":}]',
  '[{"a":"Doe^John]',
  '[[{}]]',
  '[{]}]',
  '\ufeff[{}]',
])('%s is refused', async (text) => {
  const error: unknown = await read(text).catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(JsonFault);
  expect(String(error)).not.toContain('Doe');
});

test('an object without end is refused long before memory is', async () => {
  async function* endless(): AsyncGenerator<Uint8Array> {
    yield Buffer.from('[{"a":"');
    for (let sent = 0; sent < 100; sent += 1) {
      await Promise.resolve();
      yield Buffer.alloc(2 ** 16, ' ');
    }
  }
  await expect(readJsonList(endless())).rejects.toThrow('a JSON object of more than 4 MiB');
});

test('a list of more objects than a series has instances is refused', async () => {
  await expect(read(`[${'{},'.repeat(50_000)}{}]`)).rejects.toThrow('a JSON list of more than 50000 objects');
});

test('a deeply nested object is parsed or refused, never a crash', async () => {
  const text = `[{"a":${'['.repeat(500_000)}${']'.repeat(500_000)}}]`;
  expect(
    await read(text).then(
      (found) => found.length,
      (error: unknown) => error instanceof JsonFault,
    ),
  ).toBeTruthy();
});
