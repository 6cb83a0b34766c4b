/** An encoder of similarity maps, written from the description of the format, for tests. */
import type { Lps } from '../../wire.ts';

/** What a map holds; similarities by place, undefined where they are not known. */
export interface SimilaritySpec {
  readonly target?: string;
  readonly dims?: Lps;
  /** Index of a place to LPS mm. */
  readonly voxelToLps?: readonly (readonly number[])[];
  readonly low?: number;
  readonly high?: number;
  readonly at?: (place: Lps) => number | undefined;
}

const UNKNOWN = 255;

/** Places 8 mm apart along the axes, from a point on. */
export function latticeAt([x, y, z]: Lps): readonly (readonly number[])[] {
  return [
    [8, 0, 0, x],
    [0, 8, 0, y],
    [0, 0, 8, z],
    [0, 0, 0, 1],
  ];
}

/** The bytes of a map. @param edit changes the header before it is written */
export function encodeSimilarity(
  {
    target = '1.2.prior.9',
    dims = [6, 5, 4],
    voxelToLps = latticeAt([-20, -20, 0]),
    low = 0.2,
    high = 0.9,
    at = () => low,
  }: SimilaritySpec = {},
  edit: (header: object) => object = (header) => header,
): Uint8Array {
  const values = Uint8Array.from({ length: dims[0] * dims[1] * dims[2] }, (_, index) => {
    const [i, j] = [index % dims[0], Math.floor(index / dims[0]) % dims[1]];
    const value = at([i, j, Math.floor(index / (dims[0] * dims[1]))]);
    return value === undefined ? UNKNOWN : Math.round(((value - low) / (high - low)) * (UNKNOWN - 1));
  });
  const header = edit({
    query: { studyInstanceUid: '1.2.current', seriesInstanceUid: '1.2.current.9', lps: [0, 0, 0] },
    target: { studyInstanceUid: '1.2.prior', seriesInstanceUid: target, frameOfReferenceUid: '1.2.prior.7' },
    model: { id: 'samepoint-ct', version: '1.0.0' },
    similarity: { low, high },
    ...{ dims, voxelToLps },
  });
  const text = new TextEncoder().encode(JSON.stringify(header));
  const start = 8 * Math.ceil((12 + text.length) / 8);
  const bytes = new Uint8Array(start + values.length);
  bytes.fill(0x20, 12, start);
  bytes.set(new TextEncoder().encode('SPSM'));
  bytes.set(text, 12);
  bytes.set(values, start);
  const view = new DataView(bytes.buffer);
  view.setUint16(4, 1, true);
  view.setUint32(8, start - 12, true);
  return bytes;
}
