import fc from 'fast-check';
import { compose, determinant, distanceMm, invert, toLps, voxelIndex } from '../geometry/index.ts';
import type { Affine } from '../geometry/index.ts';
import { evenly } from '../geometry/testing/evenly.ts';
import { headerJson } from '../dicom/index.ts';
import type { DicomJson } from '../dicom/index.ts';
import type { DeformationField } from '../deformation/index.ts';
import { instanceOf } from '../report/testing/fixtures.ts';
import { buildRegistration } from './buildRegistration.ts';
import { describeRegistration } from './describeRegistration.ts';
import { decimal } from './elements.ts';
import { readRegistration } from './readRegistration.ts';
import type { RegistrationRequest } from './types.ts';

const affines = fc
  .tuple(
    fc.array(evenly(-0.2, 0.2), { minLength: 9, maxLength: 9 }),
    fc.array(evenly(-900, 900), { minLength: 3, maxLength: 3 }),
  )
  .map(
    ([m, t]): Affine => [
      1 + m[0]!, m[1]!, m[2]!, t[0]!,
      m[3]!, 1 + m[4]!, m[5]!, t[1]!,
      m[6]!, m[7]!, 1 + m[8]!, t[2]!,
    ], // prettier-ignore
  )
  .filter((map) => determinant(map) > 0.1);

const seriesOf = (study: number): DeformationField['query'] => ({
  studyInstanceUid: `1.2.${study}`,
  seriesInstanceUid: `1.2.${study}.1`,
  frameOfReferenceUid: `1.2.${study}.9`,
});
const imagesOf = (study: number): RegistrationRequest['query'] => ({
  sopClassUid: '1.2.840.10008.5.1.4.1.1.2',
  sopInstanceUids: [`1.2.${study}.1.1`, `1.2.${study}.1.2`],
});

function requestOf(affine: Affine, changes: Partial<RegistrationRequest> = {}): RegistrationRequest {
  const lattice = {
    ...{ dims: [2, 2, 2] as const, origin: [0, 0, 0] as const, spacing: [50, 50, 50] as const },
    displacements: new Float32Array(24).fill(3),
    determinants: new Float32Array(8).fill(1),
    errorRadii: new Float32Array(8).fill(2),
  };
  const quality = { foldingShare: 0, inverseConsistencyMm: { median: 0, p95: 0 }, coveredShare: 1 };
  const pair = { query: seriesOf(20), target: seriesOf(10), model: { id: 'm', version: '2.1.0' } };
  return {
    kind: 'affine',
    field: { ...pair, verdict: 'usable', affine, forward: lattice, inverse: lattice, quality },
    bytes: Uint8Array.of(1, 2, 3, 4, 5, 6),
    query: imagesOf(20),
    target: imagesOf(10),
    current: instanceOf(20),
    softwareVersion: '1.2.3',
    now: new Date('2026-11-23T09:30:15.250Z'),
    uids: { seriesInstanceUid: '2.25.1', sopInstanceUid: '2.25.2' },
    ...changes,
  };
}

const IDENTITY: Affine = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0];
const QUERY = { ...seriesOf(20), sopInstanceUids: imagesOf(20).sopInstanceUids };
const TARGET = { ...seriesOf(10), sopInstanceUids: imagesOf(10).sopInstanceUids };

/** How far two maps are apart 400 mm around the origin, mm. */
function differenceMm(one: Affine, other: Affine): number {
  const corners = Array.from({ length: 8 }, (_, n) =>
    [n & 1, (n >> 1) & 1, n >> 2].map((bit) => 800 * bit - 400),
  );
  return Math.max(
    ...corners.map(([x, y, z]) => {
      const at = (map: Affine): ReturnType<typeof toLps> => toLps(map, voxelIndex(x!, y!, z!));
      return distanceMm(at(one), at(other));
    }),
  );
}

describe('decimal strings', () => {
  it('have at most 16 characters and say the number to ten digits', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, min: -1e6, max: 1e6 }), (value) => {
        const text = decimal(value);
        expect(text.length).toBeLessThanOrEqual(16);
        expect(Math.abs(Number(text) - value)).toBeLessThanOrEqual(1e-9 * Math.abs(value) + 1e-12);
      }),
    );
    expect(decimal(-1.234567890123e-7).length).toBeLessThanOrEqual(16);
  });
});

describe('what a registration object says', () => {
  it('of a matrix is the map that was written, from either side', () => {
    fc.assert(
      fc.property(affines, (affine) => {
        const { part10 } = buildRegistration(requestOf(affine));
        const json = headerJson(part10);
        const there = describeRegistration(json, QUERY, TARGET);
        expect(there).toMatchObject({
          kind: 'affine',
          isOwn: true,
          model: 'm 2.1.0',
          label: 'SAMEPOINT_AFFINE',
        });
        expect(differenceMm(there!.affine, affine)).toBeLessThan(0.01);
        expect(differenceMm(describeRegistration(json, TARGET, QUERY)!.affine, invert(affine))).toBeLessThan(
          0.01,
        );
      }),
      { numRuns: 30 },
    );
  });

  it('of a grid are its matrices: what holds beyond it', () => {
    const [affine] = fc.sample(affines, { numRuns: 1, seed: 3 });
    const json = headerJson(buildRegistration(requestOf(affine!, { kind: 'field' })).part10);
    const there = describeRegistration(json, QUERY, TARGET);
    expect(there).toMatchObject({ kind: 'field', isOwn: true });
    expect(differenceMm(there!.affine, affine!)).toBeLessThan(0.01);
    expect(differenceMm(describeRegistration(json, TARGET, QUERY)!.affine, invert(affine!))).toBeLessThan(
      0.01,
    );
  });

  it('is nothing about other series', () => {
    const json = headerJson(buildRegistration(requestOf(IDENTITY)).part10);
    const other = { ...seriesOf(30), sopInstanceUids: imagesOf(30).sopInstanceUids };
    expect(describeRegistration(json, QUERY, other)).toBeUndefined();
    expect(describeRegistration(json, other, TARGET)).toBeUndefined();
  });

  it('distinguishes two series of one frame of reference by their images', () => {
    const shift: Affine = [1, 0, 0, 5, 0, 1, 0, -3, 0, 0, 1, 2];
    const request = requestOf(shift);
    const target = { ...seriesOf(10), frameOfReferenceUid: QUERY.frameOfReferenceUid };
    const json = headerJson(buildRegistration({ ...request, field: { ...request.field, target } }).part10);
    const found = describeRegistration(json, QUERY, { ...TARGET, ...target });
    expect(differenceMm(found!.affine, shift)).toBeLessThan(0.01);
  });
});

/** A Spatial Registration of another program: only frames of reference, the registered one a third. */
function foreign(
  ofQuery: readonly (readonly number[])[],
  ofTarget: readonly (readonly number[])[],
): DicomJson {
  const item = (frame: string, matrices: readonly (readonly number[])[]): DicomJson => ({
    '00200052': { vr: 'UI', Value: [frame] },
    '00700309': {
      vr: 'SQ',
      Value: [
        {
          '0070030A': {
            vr: 'SQ',
            Value: matrices.map((matrix) => ({
              '300600C6': { vr: 'DS', Value: [...matrix] },
              '0070030C': { vr: 'CS', Value: ['RIGID'] },
            })),
          },
        },
      ],
    },
  });
  return {
    '00080016': { vr: 'UI', Value: ['1.2.840.10008.5.1.4.1.1.66.1'] },
    '00080070': { vr: 'LO', Value: ['Somebody'] },
    '00200052': { vr: 'UI', Value: ['1.2.99'] },
    '00700308': {
      vr: 'SQ',
      Value: [item(TARGET.frameOfReferenceUid, ofTarget), item(QUERY.frameOfReferenceUid, ofQuery)],
    },
  };
}
const square = (map: Affine): readonly number[] => [...map, 0, 0, 0, 1];

describe('an object of another program', () => {
  it('leads over its registered frame, its matrices one after the other', () => {
    fc.assert(
      fc.property(affines, affines, affines, (a, b, c) => {
        const found = describeRegistration(foreign([square(a), square(b)], [square(c)]), QUERY, TARGET);
        const expected = compose(invert(c), compose(b, a));
        if (determinant(expected) < 0.06 || determinant(expected) > 19) return;
        expect(found).toMatchObject({ isOwn: false, manufacturer: 'Somebody' });
        expect(differenceMm(found!.affine, expected)).toBeLessThan(1e-6);
      }),
    );
  });

  it.each([
    ['has no numbers', [[NaN]]],
    ['has too few numbers', [[1, 0, 0]]],
    ['mirrors', [square([-1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0])]],
    ['is flat', [square([1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0])]],
    ['has no matrix', []],
  ])('is passed over where its matrix %s', (_what, matrices) => {
    expect(describeRegistration(foreign([square(IDENTITY)], matrices), QUERY, TARGET)).toBeUndefined();
    expect(describeRegistration(foreign(matrices, [square(IDENTITY)]), QUERY, TARGET)).toBeUndefined();
  });
});

describe('reading the bytes back', () => {
  const written = buildRegistration(requestOf(IDENTITY, { kind: 'field' })).part10;

  it('gives the field that Samepoint has put into its own object', () => {
    const read = readRegistration(written);
    expect(read).toMatchObject({ ok: true });
    expect(read.ok && [...read.bytes!]).toEqual([1, 2, 3, 4, 5, 6]);
    expect(readRegistration(buildRegistration(requestOf(IDENTITY)).part10)).not.toHaveProperty('bytes');
  });

  it('is the same of an object that was built at another time, and other of another map', () => {
    const digestOf = (request: RegistrationRequest): string | undefined => {
      const read = readRegistration(buildRegistration(request).part10);
      return read.ok ? read.digest : undefined;
    };
    const first = digestOf(requestOf(IDENTITY, { kind: 'field' }));
    const now = new Date('2026-12-24T12:00:00Z');
    expect(digestOf(requestOf(IDENTITY, { kind: 'field', now }))).toBe(first);
    const moved: Affine = [1, 0, 0, 0.5, 0, 1, 0, 0, 0, 0, 1, 0];
    expect(digestOf(requestOf(moved, { kind: 'field' }))).not.toBe(first);
    expect(digestOf(requestOf(IDENTITY, { kind: 'field', bytes: Uint8Array.of(9, 9) }))).not.toBe(first);
  });

  it('never throws, whatever the bytes are', () => {
    fc.assert(
      fc.property(fc.nat(written.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const damaged = written.slice();
        damaged[at] = damaged[at]! ^ change;
        expect(typeof readRegistration(damaged).ok).toBe('boolean');
        expect(typeof readRegistration(written.subarray(0, at)).ok).toBe('boolean');
      }),
    );
  });
});
