import fc from 'fast-check';
import { isSamepointError } from '../errors/index.ts';
import { readPickle } from './pickle.ts';
import { call, dictionary, globalName, integer, pickle, tensor, text, tuple } from './testing/torchFile.ts';
import { GlobalName, TensorView } from './values.ts';
import { errorLike, textLike } from '../errors/testing/like.ts';

const NO_ARGUMENTS = Buffer.from(')');

function read(bytes: Buffer): unknown {
  return readPickle(bytes, 'x.pth').value;
}

describe('readPickle', () => {
  it('reads a tensor of a dictionary without building anything but data', () => {
    const value = read(pickle(dictionary([['w', tensor('5', { shape: [2, 3] })]])));
    const found = (value as Map<string, TensorView>).get('w');
    expect(found).toBeInstanceOf(TensorView);
    expect(found).toMatchObject({
      storage: { type: 'FloatStorage', key: '5', length: 6 },
      offset: 0,
      shape: [2, 3],
      strides: [3, 1],
    });
  });

  it('gives its end', () => {
    const bytes = Buffer.concat([pickle(integer(-2)), Buffer.from('rest')]);
    expect(readPickle(bytes, 'x.pth')).toMatchObject({ value: -2, end: bytes.length - 4 });
  });

  // Written by CPython: pickle.dumps(value, protocol=2 and 4).
  it.each([
    ['80027d71002858010000006171014b025801000000627102473fe0000000000000752e'],
    ['80049518000000000000007d94288c0161944b028c016294473fe0000000000000752e'],
  ])('reads numbers and text of CPython: %s', (hex) => {
    const bytes = Buffer.from(hex, 'hex');
    expect([...(read(bytes) as Map<string, number>)]).toEqual([
      ['a', 2],
      ['b', 0.5],
    ]);
  });

  it.each([
    ['a shell', call(globalName('posix', 'system'), tuple(text('touch /tmp/x'))), 'posix.system'],
    ['a shell on Windows', call(globalName('nt', 'system'), tuple(text('x'))), 'nt.system'],
    ['eval', call(globalName('builtins', 'eval'), tuple(text('1'))), 'builtins.eval'],
    ['an object', Buffer.from('(ios\nsystem\n'), 'os.system'],
    ['a name on the stack', Buffer.concat([text('os'), text('popen'), Buffer.from([0x93])]), 'os.popen'],
    ['another class of torch', globalName('torch.nn', 'Conv3d'), 'torch.nn.Conv3d'],
    ['a property of every object', globalName('torch', 'constructor'), 'torch.constructor'],
  ])('refuses %s by name', (_, value, global) => {
    expect(() => read(pickle(value))).toThrow(
      errorLike({ code: 'models/unsafe-pickle', fields: { file: 'x.pth', global } }),
    );
  });

  it.each([
    ['ends early', Buffer.from('80024b', 'hex')],
    ['pops a value that is not there', Buffer.from('80022e', 'hex')],
    ['has the instruction 0x8f', Buffer.from('80028f2e', 'hex')],
    ['refers to a value that is not there', Buffer.from('800268072e', 'hex')],
    ['closes a group that was not opened', Buffer.from('8002742e', 'hex')],
    ['fills what is no dictionary', Buffer.from('80024b014b024b03732e', 'hex')],
    ['appends to what is no list', Buffer.from('80024b014b02612e', 'hex')],
    ['holds text that is not UTF-8', Buffer.from('80025801000000ff2e', 'hex')],
    ['has a name without an end', Buffer.from(`800263${'61'.repeat(300)}`, 'hex')],
    [
      'builds something that is no tensor',
      pickle(call(globalName('torch._utils', '_rebuild_tensor_v2'), NO_ARGUMENTS)),
    ],
    ['builds something that is no tensor', pickle(call(integer(1), NO_ARGUMENTS))],
    ['refers to a storage in a way', pickle(Buffer.concat([text('x'), Buffer.from('Q')]))],
    ['sets attributes of what has none', pickle(Buffer.concat([integer(1), integer(2), Buffer.from('b')]))],
    ['names a class by no text', Buffer.from('80024b014b01932e', 'hex')],
  ])('says what is wrong: %s', (reason, bytes) => {
    expect(() => read(bytes)).toThrow(
      errorLike({
        code: 'models/damaged-checkpoint',
        message: textLike(reason),
      }),
    );
  });

  it('never hands out a name that can be called', () => {
    expect(read(pickle(globalName('torch', 'FloatStorage')))).toEqual(new GlobalName('torch.FloatStorage'));
  });

  it('answers any damage with an error of the catalogue', () => {
    const sound = pickle(
      dictionary([
        ['w', tensor('0', { shape: [2, 3] })],
        ['meta', tuple(integer(1), text('x'))],
      ]),
    );
    const change = fc.record({ at: fc.nat(sound.length - 1), byte: fc.nat(255), remove: fc.nat(3) });
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
        let bytes: Buffer = sound;
        for (const { at, byte, remove } of changes) {
          bytes = Buffer.concat([bytes.subarray(0, at), Buffer.from([byte]), bytes.subarray(at + remove)]);
        }
        try {
          read(bytes);
        } catch (error) {
          if (!isSamepointError(error)) throw error;
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('answers any bytes with an error of the catalogue', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        try {
          read(Buffer.from(bytes));
        } catch (error) {
          if (!isSamepointError(error)) throw error;
        }
      }),
      { numRuns: 2000 },
    );
  });
});
