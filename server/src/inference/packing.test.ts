import fc from 'fast-check';
import { PackedMap, packSlices } from './packing.ts';

const dot = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Array.from(a).reduce((sum, value, index) => sum + value * (b[index] ?? 0), 0);
const pack = (values: number[]): [Int8Array, number] => {
  const tensor = { data: Float32Array.from(values), channels: values.length, dims: [1, 1, 1] } as const;
  const { vectors: packed, inverseNorms } = packSlices(tensor, 0, 1);
  return [packed, inverseNorms[0]!];
};
/** Rounding to 1/127 of the largest component: at most half a step per component, so sqrt(c) / 254 of the norm. */
const cosineTolerance = (channels: number): number => (2 * Math.sqrt(channels)) / 254;

const vectors = fc
  .tuple(fc.integer({ min: 2, max: 64 }), fc.double({ min: 1e-3, max: 1e3, noNaN: true }))
  .chain(([channels, scale]) => {
    const vector = fc
      .array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: channels, maxLength: channels })
      .filter((values) => Math.hypot(...values) > 0.1)
      .map((values) => values.map((value) => value * scale));
    return fc.tuple(vector, vector);
  });

describe('a packed vector', () => {
  it('keeps the cosine of two vectors, whatever their length', () => {
    fc.assert(
      fc.property(vectors, ([a, b]) => {
        const [[pa, na], [pb, nb]] = [pack(a), pack(b)];
        const exact = dot(a, b) / Math.hypot(...a) / Math.hypot(...b);
        expect(Math.abs(dot(pa, pb) * na * nb - exact)).toBeLessThan(cosineTolerance(a.length));
      }),
    );
  });

  it('gives the inverse norm of what was stored', () => {
    fc.assert(
      fc.property(vectors, ([a]) => {
        const [packed, inverseNorm] = pack(a);
        expect(inverseNorm * Math.sqrt(dot(packed, packed))).toBeCloseTo(1, 6);
        expect(Math.max(...packed.map(Math.abs))).toBe(127);
      }),
    );
  });

  it.each([
    ['zero', [0, 0]],
    ['not a number', [NaN, 1]],
    ['infinite', [Infinity, 1]],
  ])('gives no vector for one that is %s', (_, values) => {
    expect(pack(values)).toEqual([new Int8Array(2), 0]);
  });
});

describe('packSlices', () => {
  const [channels, nz, ny, nx] = [3, 2, 2, 50];
  const voxels = nz * ny * nx;
  const vectorMajor = Float32Array.from({ length: channels * voxels }, (_, n) => Math.sin(n * 1.7));
  const inside = Uint8Array.from({ length: voxels }, (_, n) => (n % 3 === 0 ? 0 : 1));

  it('gives the same whether channels come first or last', () => {
    const data = Float32Array.from(vectorMajor, (_, n) => {
      const [c, voxel] = [Math.floor(n / voxels), n % voxels];
      return vectorMajor[voxel * channels + c] ?? NaN;
    });
    const shape = { channels, dims: [nz, ny, nx] } as const;
    const first = packSlices({ ...shape, data }, 0, nz, inside);
    const last = packSlices({ ...shape, data: vectorMajor, isChannelsLast: true }, 0, nz, inside);
    expect(last).toEqual(first);
    expect(packSlices({ ...shape, data: vectorMajor, isChannelsLast: true }, 1, 2).vectors).toEqual(
      packSlices({ ...shape, data }, 1, 2).vectors,
    );
  });

  it('keeps codes less 128 with their norms, whatever the number of channels', () => {
    const voxel = (size: number): fc.Arbitrary<[number[], boolean]> =>
      fc.tuple(
        fc.array(fc.integer({ min: 0, max: 255 }), { minLength: size, maxLength: size }),
        fc.boolean(),
      );
    const maps = fc
      .integer({ min: 1, max: 40 })
      .chain((size) => fc.array(voxel(size), { minLength: 1, maxLength: 30 }));
    fc.assert(
      fc.property(maps, (map) => {
        const codes = Uint8Array.from(map.flatMap(([values]) => values));
        const dims = [1, 1, map.length] as const;
        const tensor = { data: codes, channels: map[0]![0].length, dims, isChannelsLast: true };
        const wanted = Uint8Array.from(map, ([, isInside]) => (isInside ? 1 : 0));
        const packed = packSlices(tensor, 0, 1, wanted);
        const expected = map.map(([values, isInside]) =>
          values.map((code) => (isInside ? Math.max(code - 128, -127) : 0)),
        );
        const norms = expected.map((vector) => Math.sqrt(dot(vector, vector)));
        expect([...packed.vectors]).toEqual(expected.flat());
        expect([...packed.inverseNorms]).toEqual(norms.map((norm) => (norm > 0 ? Math.fround(1 / norm) : 0)));
      }),
    );
  });

  it('copies codes, 128 as 0, and never gives -128', () => {
    const tensor = { data: Uint8Array.of(0, 255, 128, 131, 128, 128), channels: 2, dims: [3, 1, 1] } as const;
    const packed = packSlices({ ...tensor, isChannelsLast: true }, 0, 3, Uint8Array.of(1, 1, 1));
    expect([...packed.vectors]).toEqual([-127, 127, 0, 3, 0, 0]);
    expect([...packed.inverseNorms]).toEqual([Math.fround(1 / Math.hypot(127, 127)), Math.fround(1 / 3), 0]);
  });
});

describe('PackedMap', () => {
  it('turns channel-major slabs into one voxel-major map', () => {
    // Two channels, 2 x 1 x 2 voxels; voxel v has the vector (v + 1, -(v + 1)), so it packs to (127, -127).
    const slab = { data: Float32Array.of(1, 2, 3, 4, -1, -2, -3, -8), channels: 2, dims: [2, 1, 2] } as const;
    const map = new PackedMap(3);
    packSlices(slab, 1, 2, undefined, map.buffers(1, 1, 2, [1, 2]));
    packSlices(slab, 0, 1, undefined, map.buffers(0, 1, 2, [1, 2]));
    const { dims, vectors: packed, inverseNorms } = map.result();
    expect(dims).toEqual([2, 1, 2]);
    // -8 is the largest component of the last voxel: 4 * 127 / 8 = 63.5 rounds to 64.
    expect([...packed]).toEqual([127, -127, 127, -127, 127, -127, 64, -127]);
    expect(inverseNorms[0]).toBeCloseTo(1 / (127 * Math.SQRT2), 8);
  });

  it('packs what is inside only', () => {
    // 100 x 2 voxels a slice: more than one tile, and a tile that ends within a row.
    const [channels, nz, ny, nx] = [3, 4, 2, 100];
    const data = Float32Array.from({ length: channels * nz * ny * nx }, (_, n) => Math.sin(n * 1.7));
    const slab = { data, channels, dims: [nz, ny, nx] } as const;
    const inside = Uint8Array.from({ length: nz * ny * nx }, (_, n) => (n % 3 === 0 && n > 300 ? 1 : 0));
    const map = new PackedMap(nz);
    packSlices(slab, 0, 3, inside.subarray(0, 3 * ny * nx), map.buffers(0, 3, channels, [ny, nx]));
    packSlices(slab, 3, 4, inside.subarray(3 * ny * nx), map.buffers(3, 1, channels, [ny, nx]));
    const packed = map.result();
    const all = packSlices(slab, 0, nz);
    all.inverseNorms.forEach((inverseNorm, voxel) => {
      expect(packed.inverseNorms[voxel]).toBe(inside[voxel] === 1 ? inverseNorm : 0);
      for (let n = voxel * channels; n < (voxel + 1) * channels; n += 1)
        expect(packed.vectors[n]).toBe(inside[voxel] === 1 ? all.vectors[n] : 0);
    });
  });
});
