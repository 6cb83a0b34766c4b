import { lpsPoint } from '../geometry/index.ts';
import { encodeSimilarity } from './encoding.ts';

describe('the bytes of a similarity map', () => {
  const series = { studyInstanceUid: '1', seriesInstanceUid: '2', frameOfReferenceUid: '3' };
  const spec = {
    query: { ...series, lps: lpsPoint(1, 2, 3) },
    target: series,
    model: { id: 'm', version: '1' },
    dims: [5, 1, 1] as const,
    voxelToLps: [4, 0, 0, -8, 0, 4, 0, 0, 0, 0, 4, 0] as const,
  };

  it('are as docs/fields.md describes them', () => {
    const bytes = Buffer.from(
      encodeSimilarity({ ...spec, similarities: Float32Array.of(NaN, -0.2, 0.1, 0.5, 0.9) }),
    );
    expect([bytes.toString('latin1', 0, 4), bytes.readUInt16LE(4), bytes.readUInt16LE(6)]).toEqual([
      'SPSM',
      1,
      0,
    ]);
    const start = 12 + bytes.readUInt32LE(8);
    expect(start % 8).toBe(0);
    const header = JSON.parse(bytes.toString('utf8', 12, start)) as {
      similarity: { low: number; high: number };
    };
    expect(header).toMatchObject({
      ...{
        target: series,
        dims: [5, 1, 1],
        voxelToLps: [
          [4, 0, 0, -8],
          [0, 4, 0, 0],
          [0, 0, 4, 0],
          [0, 0, 0, 1],
        ],
      },
    });
    const { low, high } = header.similarity;
    expect([low, high].map((value) => Math.round(100 * value))).toEqual([50, 90]);
    expect([...bytes.subarray(start)]).toEqual([255, 0, 0, 0, 254]);
  });

  it('have a range also where all places are equal, or none is known', () => {
    for (const value of [0.5, NaN]) {
      const bytes = Buffer.from(encodeSimilarity({ ...spec, similarities: new Float32Array(5).fill(value) }));
      const start = 12 + bytes.readUInt32LE(8);
      const { similarity } = JSON.parse(bytes.toString('utf8', 12, start)) as {
        similarity: { low: number; high: number };
      };
      expect(similarity.high).toBeGreaterThan(similarity.low);
      expect(new Set(bytes.subarray(start))).toEqual(new Set([Number.isNaN(value) ? 255 : 0]));
    }
  });
});
