/**
 * Changes to valid inputs: of bytes, of text, and of the structure of DICOM, so that a mutant gets past the first check.
 * @module
 */
import type { Random } from './random.ts';

/** Numbers at which lengths and counts go wrong. */
const EDGES = [
  0, 1, 2, 7, 8, 127, 128, 255, 256, 0x7fff, 0x8000, 0xfffe, 0xffff, 0x7fffffff, 0xfffffffe, 0xffffffff,
];
const VRS = [
  'SQ',
  'UN',
  'OB',
  'OW',
  'UT',
  'UI',
  'DS',
  'IS',
  'US',
  'FD',
  'FL',
  'PN',
  'AT',
  'OV',
  'ZZ',
  '\0\0',
];
const LONG_VRS = new Set(['OB', 'OD', 'OF', 'OL', 'OV', 'OW', 'SQ', 'SV', 'UC', 'UN', 'UR', 'UT', 'UV']);
const VALUES = [
  '',
  ' ',
  '\0',
  '\\',
  '1e999',
  '-0',
  'NaN',
  '1\\2\\3',
  '..',
  '1.2..3',
  '\u00fc',
  '\ud83d\ude00',
  '0'.repeat(70),
];
/** Repetitions that make quadratic work visible, and keep linear work short. */
const FLOOD = 30_000;

type Change = (bytes: Buffer, random: Random) => Buffer;

/** Replaces `removed` bytes at a place. */
function splice(bytes: Buffer, at: number, removed: number, inserted: Buffer): Buffer {
  return Buffer.concat([bytes.subarray(0, at), inserted, bytes.subarray(at + removed)]);
}

const overwrite: Change = (bytes, random) => {
  for (let count = 1 + random.below(6); count > 0; count -= 1)
    bytes[random.below(bytes.length)] = random.below(256);
  return bytes;
};

const flipBit: Change = (bytes, random) => {
  const at = random.below(bytes.length);
  bytes[at] = (bytes[at] ?? 0) ^ (1 << random.below(8));
  return bytes;
};

const cut: Change = (bytes, random) => bytes.subarray(0, random.below(bytes.length));

const remove: Change = (bytes, random) =>
  splice(bytes, random.below(bytes.length), 1 + random.below(64), Buffer.alloc(0));

const repeat: Change = (bytes, random) => {
  const at = random.below(bytes.length);
  const piece = bytes.subarray(at, at + 1 + random.below(256));
  return splice(bytes, at, 0, Buffer.concat(Array.from({ length: 1 + random.below(20) }, () => piece)));
};

const insert: Change = (bytes, random) =>
  splice(bytes, random.below(bytes.length), 0, random.bytes(1 + random.below(32)));

const edgeNumber: Change = (bytes, random) => {
  if (bytes.length < 4) return bytes;
  const at = random.below(bytes.length - 3);
  const edge = random.pick(EDGES);
  const kind = random.below(4);
  if (kind < 2) bytes.writeUInt16LE(edge & 0xffff, at);
  else if (kind === 2) bytes.writeUInt32LE(edge, at);
  else bytes.writeUInt32BE(edge, at);
  return bytes;
};

const flood: Change = (bytes, random) => {
  const piece = random.pick([' ', '\0', '\\', '1.', ' \0', '"', '--', '[', '{"', '\r\n', '\t', '\xff']);
  const times = Math.ceil((random.chance(0.1) ? FLOOD : 300) / piece.length);
  return splice(bytes, random.below(bytes.length), 0, Buffer.from(piece.repeat(times), 'latin1'));
};

const BYTE_CHANGES: readonly Change[] = [overwrite, flipBit, cut, remove, repeat, insert, edgeNumber, flood];

/** One to four changes of any bytes. */
export function mutateBytes(valid: Uint8Array, random: Random): Buffer {
  let bytes: Buffer = Buffer.from(valid);
  for (let count = 1 + random.below(4); count > 0 && bytes.length > 0; count -= 1)
    bytes = random.pick(BYTE_CHANGES)(bytes, random);
  return bytes;
}

/** An element of an Explicit VR data set: where it lies. */
interface ElementPlace {
  readonly at: number;
  readonly vr: string;
  readonly valueAt: number;
  readonly length: number;
}

/** Elements at every level, as far as the bytes make sense. */
function elementsOf(bytes: Buffer): readonly ElementPlace[] {
  const places: ElementPlace[] = [];
  let at = 132;
  while (at + 12 <= bytes.length && places.length < 2_000) {
    const vr = bytes.toString('latin1', at + 4, at + 6);
    if (bytes.readUInt16LE(at) === 0xfffe) {
      at += 8;
      continue;
    }
    const isLong = LONG_VRS.has(vr);
    const length = isLong ? bytes.readUInt32LE(at + 8) : bytes.readUInt16LE(at + 6);
    const valueAt = at + (isLong ? 12 : 8);
    places.push({ at, vr, valueAt, length });
    // Into sequences.
    at = vr === 'SQ' || length === 0xffffffff ? valueAt : valueAt + length;
  }
  return places;
}

/** Writes a value with its length as the VR has it. */
function withValue(bytes: Buffer, place: ElementPlace, value: Buffer): Buffer {
  const header = Buffer.from(bytes.subarray(place.at, place.valueAt));
  if (LONG_VRS.has(place.vr)) header.writeUInt32LE(value.length, 8);
  else header.writeUInt16LE(Math.min(value.length, 0xffff), 6);
  const end = Math.min(bytes.length, place.valueAt + place.length);
  return Buffer.concat([bytes.subarray(0, place.at), header, value, bytes.subarray(end)]);
}

function changeLength(bytes: Buffer, { at, vr }: ElementPlace, random: Random): Buffer {
  if (LONG_VRS.has(vr)) bytes.writeUInt32LE(random.pick(EDGES), at + 8);
  else bytes.writeUInt16LE(random.pick(EDGES) & 0xffff, at + 6);
  return bytes;
}

function changeValue(bytes: Buffer, place: ElementPlace, random: Random): Buffer {
  const times = random.chance(0.05) ? FLOOD : 1 + random.below(3);
  return withValue(bytes, place, Buffer.from(random.pick(VALUES).repeat(times), 'utf8'));
}

function nest(bytes: Buffer, place: ElementPlace, random: Random): Buffer {
  // (0040,A730) SQ of undefined length, and an item of undefined length.
  const level = Buffer.from('400030a753510000ffffffff' + 'feff00e0ffffffff', 'hex');
  const depth = random.chance(0.1) ? 2_000 : 1 + random.below(40);
  return splice(bytes, place.at, 0, Buffer.concat(Array.from({ length: depth }, () => level)));
}

function moveElement(
  bytes: Buffer,
  place: ElementPlace,
  random: Random,
  others: readonly ElementPlace[],
): Buffer {
  const piece = Buffer.from(bytes.subarray(place.at, Math.min(bytes.length, place.valueAt + place.length)));
  return splice(bytes, random.pick(others).at, random.chance(0.5) ? 0 : piece.length, piece);
}

/** Changes of DICOM elements (lengths, VRs, tags, values, nesting, order), or of any bytes. */
export function mutateDicom(valid: Uint8Array, random: Random): Buffer {
  let bytes: Buffer = Buffer.from(valid);
  for (let count = 1 + random.below(3); count > 0; count -= 1) {
    const places = elementsOf(bytes);
    if (places.length === 0 || random.chance(0.2)) return mutateBytes(bytes, random);
    const place = random.pick(places);
    const kind = random.below(7);
    if (kind === 0) bytes = changeLength(bytes, place, random);
    else if (kind === 1) bytes.write(random.pick(VRS), place.at + 4, 'latin1');
    else if (kind === 2) bytes.writeUInt16LE(random.pick(EDGES) & 0xffff, place.at + random.pick([0, 2]));
    else if (kind === 3) bytes = nest(bytes, place, random);
    else if (kind === 4) bytes = moveElement(bytes, place, random, places);
    else bytes = changeValue(bytes, place, random);
  }
  return bytes;
}

/** Changes of JSON values (types, sizes, keys), or of any bytes. */
export function mutateJson(valid: unknown, random: Random): Buffer {
  const changed = random.chance(0.8) ? changeJson(valid, random, 0) : valid;
  const bytes = Buffer.from(JSON.stringify(changed));
  return random.chance(0.3) && bytes.length > 0 ? mutateBytes(bytes, random) : bytes;
}

function changeJson(value: unknown, random: Random, depth: number): unknown {
  if (depth > 0 && random.chance(0.15)) return strange(random);
  if (Array.isArray(value)) {
    const items: unknown[] = value.map((item: unknown) =>
      random.chance(0.5) ? changeJson(item, random, depth + 1) : item,
    );
    return random.chance(0.1) ? [...items, ...items, ...items] : random.chance(0.1) ? items.slice(1) : items;
  }
  if (typeof value !== 'object' || value === null) return random.chance(0.3) ? strange(random) : value;
  const entries = Object.entries(value).flatMap(([key, member]): [string, unknown][] => {
    if (random.chance(0.05)) return [];
    const name = random.chance(0.03) ? random.pick(['__proto__', 'constructor', '', 'toString']) : key;
    return [[name, random.chance(0.4) ? changeJson(member, random, depth + 1) : member]];
  });
  return Object.fromEntries(entries);
}

function strange(random: Random): unknown {
  const many = random.chance(0.05) ? FLOOD : 3;
  return random.pick<() => unknown>([
    () => null,
    () => [],
    () => ({}),
    () => true,
    () => random.pick(VALUES).repeat(many),
    () => random.pick([0, -1, 1e308, -1e308, 2 ** 53, 0.1, 1e-320]),
    () => Array.from({ length: many }, () => random.below(9)),
    () => Array.from({ length: random.chance(0.1) ? 500 : 5 }).reduce<unknown>((inner) => [inner], 1),
    () => ({ vr: random.pick(VRS), Value: [random.pick(VALUES)] }),
    () => ({ Alphabetic: { Alphabetic: {} } }),
  ])();
}
