import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { hasExternalData } from './externalData.ts';

const MODELS = resolve(import.meta.dirname, '../../../models');

/** A length-delimited field. */
function field(number: number, ...parts: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(parts);
  return Buffer.concat([Buffer.from([number * 8 + 2, body.length]), body]);
}

/** Of TensorProto, in which a field number needs two bytes from 16 on. */
const NAME = field(8, Buffer.from('w'));
const EXTERNAL = Buffer.from([14 * 8, 1]);
const DEFAULT = Buffer.from([14 * 8, 0]);
const LOCATION = field(13, field(1, Buffer.from('location')), field(2, Buffer.from('../other.bin')));

const inGraph = (tensor: Buffer): Buffer => field(7, field(5, tensor));
const inAttribute = (tensor: Buffer): Buffer => field(7, field(1, field(5, field(5, tensor))));
const inSubgraph = (tensor: Buffer): Buffer => field(7, field(1, field(5, field(6, field(5, tensor)))));

describe('hasExternalData', () => {
  it.each([
    ['an initialiser', inGraph],
    ['the value of a constant', inAttribute],
    ['an initialiser of a loop', inSubgraph],
  ])('finds a tensor in another file: %s', (_, place) => {
    expect(hasExternalData(place(Buffer.concat([NAME, EXTERNAL, LOCATION])))).toBe(true);
    expect(hasExternalData(place(Buffer.concat([NAME, LOCATION])))).toBe(true);
    expect(hasExternalData(place(Buffer.concat([NAME, EXTERNAL])))).toBe(true);
    expect(hasExternalData(place(Buffer.concat([NAME, DEFAULT])))).toBe(false);
    expect(hasExternalData(place(NAME))).toBe(false);
  });

  it('finds it behind fields of every wire type', () => {
    const before = [Buffer.from([1 * 8, 0x80, 1]), Buffer.from([2 * 8 + 1, ...Buffer.alloc(8)])];
    const after = Buffer.from([3 * 8 + 5, 0, 0, 0, 0]);
    expect(hasExternalData(Buffer.concat([...before, after, inGraph(EXTERNAL)]))).toBe(true);
  });

  it.each([
    'mind-ssc/mind-ssc-fine.onnx',
    'samepoint-ct/stem.onnx',
    'samepoint-ct/trunk.onnx',
    'templates/sam/trunk.onnx',
  ])('finds none in %s', (name) => {
    expect(hasExternalData(readFileSync(join(MODELS, name)))).toBe(false);
  });

  it('ends with any bytes', () => {
    for (let length = 0; length < 40; length += 1)
      expect(hasExternalData(Buffer.alloc(length, 0xff))).toBe(false);
    expect(hasExternalData(field(7, Buffer.from([0xff, 0xff])))).toBe(false);
  });
});
