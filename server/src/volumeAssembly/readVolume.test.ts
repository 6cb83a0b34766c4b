import fc from 'fast-check';
import { distanceMm, lpsPoint, spacingOf, toLps, voxelIndex } from '../geometry/index.ts';
import { geometryOf } from '../volume/index.ts';
import { readVolume } from './readVolume.ts';
import {
  ctSeries,
  ctSlice,
  enhancedAttributes,
  part10,
  storedValues,
  streamOf,
} from '../volume/testing/syntheticSeries.ts';
import type { Attributes } from '../volume/testing/syntheticSeries.ts';
import { inlineDecoder } from '../volume/testing/inlineDecoder.ts';
import type { Volume } from '../volume/types.ts';

const decoder = inlineDecoder();

function read(files: Iterable<Uint8Array>): Promise<Volume> {
  return readVolume(streamOf(files), { decoder });
}

/** Stored values of the given slices, one after another, in HU. */
function houndsfield(...slices: number[]): number[] {
  return slices.flatMap((slice) => [...storedValues(slice)].map((value) => value - 1024));
}

type Vector = readonly [number, number, number];

/** Row and column direction of an arbitrary rotation (Euler angles in radians). */
function directions(yaw: number, pitch: number, roll: number): readonly [Vector, Vector, Vector] {
  const turn = (angle: number): readonly [number, number] => [Math.cos(angle), Math.sin(angle)];
  const [[cy, sy], [cp, sp], [cr, sr]] = [turn(yaw), turn(pitch), turn(roll)];
  return [
    [cy * cp, sy * cp, -sp],
    [cy * sp * sr - sy * cr, sy * sp * sr + cy * cr, cp * sr],
    [cy * sp * cr + sy * sr, sy * sp * cr - cy * sr, cp * cr],
  ];
}

describe('readVolume', () => {
  it('reads a CT series in HU with its place in the patient', async () => {
    const volume = await read(ctSeries(4));
    expect(volume.dims).toEqual([12, 10, 4]);
    expect(volume.data).toBeInstanceOf(Int16Array);
    expect([...volume.data]).toEqual(houndsfield(0, 1, 2, 3));
    // PixelSpacing is [between rows, between columns] (PS3.3 10.7.1.3).
    expect(spacingOf(volume.voxelToLps)).toEqual([0.5, 0.75, 2]);
    expect(toLps(volume.voxelToLps, voxelIndex(11, 9, 3))).toEqual([-4.5, -13.25, 36]);
    expect(volume.slices.map(({ sopInstanceUid }) => sopInstanceUid)).toEqual([
      '2.25.10000',
      '2.25.10001',
      '2.25.10002',
      '2.25.10003',
    ]);
    expect(volume).toMatchObject({
      studyInstanceUid: '2.25.1',
      seriesInstanceUid: '2.25.2',
      frameOfReferenceUid: '2.25.3',
      modality: 'CT',
      warnings: [],
    });
  });

  it('puts every pixel where ImagePositionPatient says, whatever the orientation, tilt and order', async () => {
    const angle = fc.double({ min: -Math.PI, max: Math.PI, noNaN: true });
    const place = fc.double({ min: -500, max: 500, noNaN: true });
    const shear = fc.double({ min: -0.5, max: 0.5, noNaN: true });
    const spacing = fc.double({ min: 0.3, max: 8, noNaN: true });
    await fc.assert(
      fc.asyncProperty(
        fc.tuple(angle, angle, angle),
        fc.tuple(place, place, place),
        fc.tuple(shear, shear),
        spacing,
        fc.shuffledSubarray([0, 1, 2, 3, 4], { minLength: 5 }),
        async ([yaw, pitch, roll], origin, [sx, sy], step, order) => {
          const [row, column, normal] = directions(yaw, pitch, roll);
          const position = (slice: number): number[] =>
            origin.map(
              (o, axis) =>
                o + slice * step * ((normal[axis] ?? 0) + sx * (row[axis] ?? 0) + sy * (column[axis] ?? 0)),
            );
          const volume = await read(
            order.map((slice) =>
              ctSlice(slice, {
                ImagePositionPatient: position(slice),
                ImageOrientationPatient: [...row, ...column],
              }),
            ),
          );
          expect([...volume.data]).toEqual(houndsfield(0, 1, 2, 3, 4));
          for (const [i, j, k] of [
            [0, 0, 0],
            [11, 9, 4],
            [3, 7, 2],
          ] as const) {
            const [x = 0, y = 0, z = 0] = position(k).map(
              (p, axis) => p + 0.5 * i * (row[axis] ?? 0) + 0.75 * j * (column[axis] ?? 0),
            );
            const found = toLps(volume.voxelToLps, voxelIndex(i, j, k));
            expect(distanceMm(found, lpsPoint(x, y, z))).toBeLessThan(1e-6);
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  it('gives the same volume for any order of arrival', async () => {
    const files = ctSeries(7);
    const expected = await read(files);
    await fc.assert(
      fc.asyncProperty(fc.shuffledSubarray(files, { minLength: 7 }), async (shuffled) => {
        expect(await read(shuffled)).toEqual(expected);
      }),
      { numRuns: 20 },
    );
  });

  it('ignores InstanceNumber and SliceLocation, which contradict the positions here', async () => {
    const volume = await read(ctSeries(4, (slice) => ({ InstanceNumber: 9 - slice, SliceLocation: -slice })));
    expect([...volume.data]).toEqual(houndsfield(0, 1, 2, 3));
  });

  it('rescales each slice by its own slope and intercept (PET)', async () => {
    const volume = await read(
      ctSeries(3, (slice) => ({
        SOPClassUID: '1.2.840.10008.5.1.4.1.1.128',
        Modality: 'PT',
        RescaleSlope: 0.25 * (slice + 1),
        RescaleIntercept: 0,
      })),
    );
    expect(volume.data).toBeInstanceOf(Float32Array);
    const expected = [0, 1, 2].flatMap((s) => [...storedValues(s)].map((value) => value * 0.25 * (s + 1)));
    expect([...volume.data]).toEqual(expected);
  });

  it('reads MR without rescale as stored', async () => {
    const attributes: Attributes = {
      SOPClassUID: '1.2.840.10008.5.1.4.1.1.4',
      Modality: 'MR',
      RescaleSlope: undefined,
      RescaleIntercept: undefined,
    };
    const volume = await read(ctSeries(3, () => attributes));
    expect([...volume.data]).toEqual([0, 1, 2].flatMap((slice) => [...storedValues(slice)]));
  });

  it.each(['CT', 'MR'] as const)(
    'reads an Enhanced multi-frame %s, frames in any order',
    async (modality) => {
      const order = [2, 0, 3, 1];
      const pixels = new Uint16Array(order.flatMap((slice) => [...storedValues(slice)]));
      const frames = order.map((slice) => ({ position: [1, 2, 3 * slice] }));
      const volume = await read([part10(enhancedAttributes(modality, frames), { pixels })]);
      expect(volume.dims).toEqual([12, 10, 4]);
      expect([...volume.data]).toEqual(houndsfield(0, 1, 2, 3));
      expect(volume.slices.map(({ frameNumber }) => frameNumber)).toEqual([2, 4, 1, 3]);
      expect(spacingOf(volume.voxelToLps)).toEqual([0.5, 0.75, 3]);
      expect(volume.modality).toBe(modality);
    },
  );

  it('reads one volume from an Enhanced MR of several stacks that continue each other', async () => {
    const pixels = new Uint16Array([0, 1, 2, 3].flatMap((slice) => [...storedValues(slice)]));
    const frames = [0, 1, 2, 3].map((slice) => ({ position: [0, 0, slice], stackId: slice < 2 ? '1' : '2' }));
    const volume = await read([part10(enhancedAttributes('MR', frames), { pixels })]);
    expect(volume.dims[2]).toBe(4);
  });

  it('reports each decoded frame', async () => {
    const seen: number[] = [];
    const onProgress = ({ decoded }: { decoded: number }): void => void seen.push(decoded);
    await readVolume(streamOf(ctSeries(5)), { decoder, onProgress });
    expect(seen).toEqual([1, 2, 3, 4, 5]);
  });

  it('stops reading and closes the stream when it is aborted', async () => {
    const abort = new AbortController();
    let closed = false;
    let given = 0;
    async function* endless(): AsyncGenerator<Uint8Array> {
      try {
        for (;;) {
          await Promise.resolve();
          given += 1;
          if (given === 5) abort.abort(new Error('enough'));
          yield ctSlice(given);
        }
      } finally {
        closed = true;
      }
    }
    await expect(readVolume(endless(), { decoder, signal: abort.signal })).rejects.toThrow('enough');
    expect(closed).toBe(true);
    expect(given).toBe(5);
  });

  it('passes on what the stream throws', async () => {
    async function* broken(): AsyncGenerator<Uint8Array> {
      await Promise.resolve();
      yield ctSlice(0);
      throw new Error('connection lost');
    }
    await expect(readVolume(broken(), { decoder })).rejects.toThrow('connection lost');
  });

  it('does not read the stream faster than frames are decoded', async () => {
    let running = 0;
    let most = 0;
    const slow = {
      ...decoder,
      threads: 1,
      async decode(frame: Parameters<typeof decoder.decode>[0]) {
        running += 1;
        most = Math.max(most, running);
        await new Promise((resolve) => setImmediate(resolve));
        running -= 1;
        return decoder.decode(frame);
      },
    };
    const volume = await readVolume(streamOf(ctSeries(20)), { decoder: slow });
    expect(volume.dims[2]).toBe(20);
    expect(most).toBeLessThanOrEqual(3);
  });

  it('says which body part the series names, if it does', async () => {
    const named = ctSeries(3, () => ({ BodyPartExamined: 'CHEST' }));
    expect((await read(named)).bodyPart).toBe('CHEST');
    expect(await read(ctSeries(3))).not.toHaveProperty('bodyPart');
  });

  it('gives the geometry without the voxels', async () => {
    const volume = await read(ctSeries(3, () => ({ BodyPartExamined: 'CHEST' })));
    const { data, instances } = volume;
    expect({ ...geometryOf(volume), data, instances }).toEqual(volume);
    expect(geometryOf(volume)).not.toHaveProperty('data');
  });
});
