import fc from 'fast-check';
import { tmpdir } from 'node:os';
import { Writable } from 'node:stream';
import { arenaBytes, ArrayReceiver, ArraySender } from './arrayStream.ts';
import { FrameMemory } from './frameMemory.ts';
import type { ArrayRequest, StreamedArray } from './arrayStream.ts';

/** A sender and everything that it has sent so far. */
function recorded(): { sender: ArraySender; bytes: () => Buffer } {
  const chunks: Buffer[] = [];
  const socket = new Writable({
    write(chunk: Buffer, _encoding, done) {
      chunks.push(Buffer.from(chunk));
      setImmediate(done);
    },
  });
  return { sender: new ArraySender(socket), bytes: () => Buffer.concat(chunks) };
}

/** Gives a receiver all bytes, in pieces of these sizes in turn. */
function receiveCut(receiver: ArrayReceiver, all: Buffer, sizes: readonly number[]): void {
  for (let at = 0, n = 0; at < all.length; n += 1) {
    const size = sizes[n % sizes.length]!;
    receiver.receive(all.subarray(at, at + size));
    at += size;
  }
}

/** A request whose arrays each lie in memory of their own. */
function own(id: number): ArrayRequest {
  return { id, arenaBytes: 0 };
}

function bytesOf({ buffer, byteOffset, byteLength }: StreamedArray): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

const HEADER_BYTES = 256;
const MANY = 5 * 1024 * 1024;

describe('arrays over a socket', () => {
  it('arrive as they were, however the bytes are cut', async () => {
    const array = fc.oneof(
      fc.int8Array({ maxLength: 9 }),
      fc.uint8Array({ maxLength: 9 }),
      fc.int16Array({ maxLength: 9 }),
      fc.float32Array({ maxLength: 9 }),
    );
    const arrays = fc.array(array, { minLength: 1, maxLength: 6 });
    const cuts = fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1 });
    await fc.assert(
      fc.asyncProperty(arrays, cuts, async (sent, sizes) => {
        const { sender, bytes } = recorded();
        for (const [n, one] of sent.entries()) await sender.send(own(n % 2), `array:${n}`, one);
        const receiver = new ArrayReceiver();
        receiveCut(receiver, bytes(), sizes);
        await receiver.reached(sender.position);
        const requests = [receiver.remove(0), receiver.remove(1)];
        sent.forEach((one, n) => {
          const kind = one.constructor as new (length: number) => StreamedArray;
          expect(requests[n % 2]!.remove(`array:${n}`, kind)).toEqual(one);
        });
      }),
    );
  });

  it('arrive without the rows that are empty, in the memory of their request', async () => {
    const row = fc.tuple(fc.boolean(), fc.int8Array({ minLength: 3, maxLength: 3 }));
    const cuts = fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1 });
    await fc.assert(
      fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 12 }), cuts, async (rows, sizes) => {
        const { sender, bytes } = recorded();
        const norms = Float32Array.from(rows, ([counts]) => (counts ? 0.5 : 0));
        const vectors = Int8Array.from(
          rows.flatMap(([counts, values]) => [...values.map((x) => (counts ? x : 0))]),
        );
        const request = { id: 1, arenaBytes: arenaBytes([norms, vectors]) };
        await sender.send(request, 'norms', norms);
        const before = sender.position;
        await sender.send(request, 'vectors', vectors, {
          emptyRows: { size: 3, where: 'norms', numbers: norms },
        });
        const receiver = new ArrayReceiver();
        receiveCut(receiver, bytes(), sizes);
        const arrays = receiver.remove(1);
        expect(sender.position - before).toBe(HEADER_BYTES + 3 * norms.filter((x) => x > 0).length);
        const [ownNorms, ownVectors] = [
          arrays.remove('norms', Float32Array),
          arrays.remove('vectors', Int8Array),
        ];
        expect([[...ownNorms], [...ownVectors]]).toEqual([[...norms], [...vectors]]);
        expect([ownNorms.buffer, ownVectors.buffer]).toEqual([arrays.memory!.buffer, arrays.memory!.buffer]);
      }),
    );
  });

  it('share the socket: a large array lets another one between its frames', async () => {
    const { sender, bytes } = recorded();
    const large = new Int8Array(MANY).map((_, n) => n % 100);
    await Promise.all([
      sender.send(own(1), 'large', large),
      sender.send(own(2), 'voxels', Int16Array.of(7, -7)),
    ]);
    const receiver = new ArrayReceiver();
    receiver.receive(bytes());
    expect(receiver.remove(2).remove('voxels', Int16Array)).toEqual(Int16Array.of(7, -7));
    expect(Buffer.from(receiver.remove(1).remove('large', Int8Array)).equals(Buffer.from(large))).toBe(true);
  });

  describe('through shared memory', () => {
    /** Two ends whose socket is handed over at once, in pieces; the reading end says when a slot is read. */
    function joined(): {
      sender: ArraySender;
      receiver: ArrayReceiver;
      memory: FrameMemory;
      sent: () => number;
    } {
      const memory = FrameMemory.create(tmpdir())!;
      let sent = 0;
      const socket = new Writable({
        write(chunk: Buffer, _encoding, done) {
          sent += chunk.length;
          receiver.receive(chunk.subarray(0, 100));
          receiver.receive(chunk.subarray(100));
          setImmediate(done);
        },
      });
      const sender = new ArraySender(socket, memory);
      const released = (slot: number): void => {
        setImmediate(() => {
          sender.released(slot);
        });
      };
      const receiver = new ArrayReceiver({ release: released, released }, memory);
      return { sender, receiver, memory, sent: () => sent };
    }

    it('arrive in more frames than it has slots, and few bytes of them pass through the socket', async () => {
      const { sender, receiver, memory, sent } = joined();
      const large = new Int16Array(9 * MANY).map((_, n) => n % 1001);
      const norms = Float32Array.from({ length: MANY / 16 }, (_, n) => n % 3);
      const rows = new Int8Array(MANY).map((_, n) => (norms[n >> 4] === 0 ? 0 : n % 99));
      await Promise.all([sender.send(own(1), 'voxels', large), sender.send(own(2), 'norms', norms)]);
      const emptyRows = { size: 16, where: 'norms', numbers: norms };
      await sender.send(own(2), 'rows', rows, { emptyRows });
      await receiver.reached(sender.position);
      expect(sent()).toBeLessThan(MANY / 100);
      expect(Buffer.compare(bytesOf(receiver.remove(1).remove('voxels', Int16Array)), bytesOf(large))).toBe(
        0,
      );
      expect(Buffer.compare(bytesOf(receiver.remove(2).remove('rows', Int8Array)), bytesOf(rows))).toBe(0);
      memory.close();
    });

    it('fail, and are written nowhere, when the other end is gone', async () => {
      const { sender, receiver, memory } = joined();
      const stuck = new ArraySender(
        new Writable({
          write: (_chunk, _encoding, done) => {
            done();
          },
        }),
        memory,
      );
      const given = stuck.send(own(1), 'voxels', new Int16Array(9 * MANY));
      setImmediate(() => {
        stuck.close();
      });
      await expect(given).rejects.toThrow('the other end is gone');
      memory.close();
      await expect(sender.send(own(1), 'voxels', Int16Array.of(1))).rejects.toThrow('closed');
      expect(receiver.remove(1).remove('voxels', Int16Array)).toHaveLength(0);
    });

    it('is not there where there is no place for it', () => {
      expect(FrameMemory.create('/no/such/folder')).toBeUndefined();
    });
  });

  it('are waited for by a message that overtook them', async () => {
    const { sender, bytes } = recorded();
    await sender.send(own(1), 'image', Int16Array.of(1, 2, 3));
    const receiver = new ArrayReceiver();
    let hasReached = false;
    const reached = receiver.reached(sender.position).then(() => (hasReached = true));
    const all = bytes();
    receiver.receive(all.subarray(0, -1));
    await Promise.resolve();
    expect(hasReached).toBe(false);
    receiver.receive(all.subarray(-1));
    await reached;
  });

  it('end between two frames when they are not wanted any more, and others follow', async () => {
    const { sender, bytes } = recorded();
    const stop = new AbortController();
    const given = sender.send(own(1), 'voxels', new Int8Array(MANY).fill(1), { signal: stop.signal });
    stop.abort();
    await given;
    await sender.send(own(2), 'voxels', Int16Array.of(5));
    const receiver = new ArrayReceiver();
    receiver.receive(bytes());
    expect(bytes().length).toBeLessThan(MANY);
    expect(receiver.remove(2).remove('voxels', Int16Array)).toEqual(Int16Array.of(5));
  });

  it('are empty where nothing was sent, and forgotten once they are removed', async () => {
    const { sender, bytes } = recorded();
    await sender.send(own(1), 'mask', Uint8Array.of(1));
    const receiver = new ArrayReceiver();
    receiver.receive(bytes());
    expect(receiver.remove(1).remove('other', Uint8Array)).toHaveLength(0);
    expect(receiver.remove(1).remove('mask', Uint8Array)).toHaveLength(0);
  });

  it('have names that fit their header', async () => {
    const { sender } = recorded();
    await expect(sender.send(own(1), 'x'.repeat(300), Int8Array.of(1))).rejects.toThrow(/too long/);
  });
});
