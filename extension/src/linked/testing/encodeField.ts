/** An encoder of fields, written from the description of the format, for tests. */
import type { Lps } from '../../wire.ts';
import type { Field, Lattice } from '../field.ts';

/** What a lattice is made from: the box that it covers, and the map. */
export interface LatticeSpec {
  readonly min: Lps;
  readonly max: Lps;
  readonly spacingMm: number;
  readonly map: (lps: Lps) => Lps;
  /** mm; undefined where it is not known. */
  readonly radius?: (lps: Lps) => number | undefined;
}

const MAX_INT16 = 32_767;
const RADIUS_MM = 0.1;
const UNKNOWN = 255;

/** A lattice that samples a map. */
export function sampleLattice({ min, max, spacingMm, map, radius = () => 2 }: LatticeSpec): Lattice {
  const dims = ([0, 1, 2] as const).map((axis) =>
    Math.max(1, Math.ceil((max[axis] - min[axis]) / spacingMm) + 1),
  ) as [number, number, number];
  const count = dims[0] * dims[1] * dims[2];
  const displacement = new Float64Array(3 * count);
  const errorRadius = new Uint8Array(count);
  for (let node = 0; node < count; node += 1) {
    const index = [
      node % dims[0],
      Math.floor(node / dims[0]) % dims[1],
      Math.floor(node / (dims[0] * dims[1])),
    ];
    const [i = 0, j = 0, k = 0] = index;
    const lps: Lps = [min[0] + i * spacingMm, min[1] + j * spacingMm, min[2] + k * spacingMm];
    const mapped = map(lps);
    ([0, 1, 2] as const).forEach((axis) => {
      displacement[3 * node + axis] = mapped[axis] - lps[axis];
    });
    const known = radius(lps);
    errorRadius[node] = known === undefined ? UNKNOWN : Math.round(known / RADIUS_MM);
  }
  const scaleMm = displacement.reduce((most, mm) => Math.max(most, Math.abs(mm)), 1e-6) / MAX_INT16;
  return {
    dims,
    origin: min,
    spacing: [spacingMm, spacingMm, spacingMm],
    displacement: { values: Int16Array.from(displacement, (mm) => Math.round(mm / scaleMm)), scaleMm },
    jacobian: { values: new Int16Array(count).fill(1000), scale: 0.001 },
    errorRadius: { values: errorRadius, scaleMm: RADIUS_MM },
  };
}

/** A field with what tests do not look at filled in. */
export function fieldOf(
  ends: Pick<Field, 'query' | 'target' | 'forward' | 'inverse'>,
  changes: Partial<Field> = {},
): Field {
  return {
    ...ends,
    model: { id: 'samepoint-ct', version: '1.0.0' },
    verdict: 'usable',
    affine: [
      [1, 0, 0, 0],
      [0, 1, 0, 0],
      [0, 0, 1, 0],
      [0, 0, 0, 1],
    ],
    quality: { foldingShare: 0, inverseConsistencyMm: { median: 0.1, p95: 0.4 }, coveredShare: 1 },
    ...changes,
  };
}

const aligned = (length: number): number => Math.ceil(length / 8) * 8;

/** Bytes with typed arrays one after the other, each at a multiple of 8. */
class DataSection {
  readonly #parts: { readonly offset: number; readonly bytes: Uint8Array }[] = [];
  length = 0;

  add(values: Int16Array | Uint8Array): number {
    const offset = this.length;
    this.#parts.push({ offset, bytes: new Uint8Array(values.buffer, values.byteOffset, values.byteLength) });
    this.length = aligned(offset + values.byteLength);
    return offset;
  }

  writeTo(bytes: Uint8Array, start: number): void {
    for (const part of this.#parts) bytes.set(part.bytes, start + part.offset);
  }
}

function latticeHeader(lattice: Lattice, data: DataSection): object {
  const { displacement, jacobian, errorRadius, ...geometry } = lattice;
  return {
    ...geometry,
    displacement: { offset: data.add(displacement.values), scaleMm: displacement.scaleMm },
    jacobian: { offset: data.add(jacobian.values), scale: jacobian.scale },
    errorRadius: { offset: data.add(errorRadius.values), scaleMm: errorRadius.scaleMm },
  };
}

/** The bytes of a field. @param edit changes the header before it is written */
export function encodeField(
  { forward, inverse, ...rest }: Field,
  edit: (header: object) => object = (header) => header,
): Uint8Array {
  const data = new DataSection();
  const header = edit({
    ...rest,
    forward: latticeHeader(forward, data),
    inverse: latticeHeader(inverse, data),
  });
  const text = new TextEncoder().encode(JSON.stringify(header));
  const start = aligned(12 + text.length);
  const bytes = new Uint8Array(start + data.length);
  bytes.fill(0x20, 12, start);
  bytes.set(new TextEncoder().encode('SPFD'));
  bytes.set(text, 12);
  const view = new DataView(bytes.buffer);
  view.setUint16(4, 1, true);
  view.setUint32(8, start - 12, true);
  data.writeTo(bytes, start);
  return bytes;
}
