/**
 * Made-up folders in the layout of the published datasets, and an engine that answers with a known error.
 * @module
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Embedding } from '../../../server/src/embedding/index.ts';
import { lpsPoint } from '../../../server/src/geometry/index.ts';
import type { LpsPoint } from '../../../server/src/geometry/index.ts';
import type { Model } from '../../../server/src/model/registry.ts';
import type { Grid } from '../../../server/src/volume/index.ts';
import { temporaryFolder } from '../../support/paths.ts';
import { rowOf, Run } from '../run.ts';
import type { Scene, TruthPoint } from '../scenes.ts';
import { scoreAnswer } from '../scoring.ts';
import type { Row } from '../statistics.ts';
import type { DatasetScenes } from './catalogue.ts';

type Triple = readonly [number, number, number];

const folders: string[] = [];

afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});

/** Writes files into a new folder, which is removed after the tests: texts, bytes, or values as JSON. */
export function folderOf(files: Readonly<Record<string, unknown>>): string {
  const folder = temporaryFolder('dataset');
  folders.push(folder);
  for (const [name, content] of Object.entries(files)) {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(
      path,
      typeof content === 'string' || content instanceof Uint8Array ? content : JSON.stringify(content),
    );
  }
  return folder;
}

/** A gzipped NIfTI-1 file with int16 voxels and an sform (RAS); offsets from nifti1.h. */
export function niftiFile(
  { dims, voxelToLps }: Grid,
  value: (i: number, j: number, k: number) => number,
): Buffer {
  const [columns, rows, slices] = dims;
  const file = Buffer.alloc(352 + 2 * columns * rows * slices);
  file.writeInt32LE(348, 0);
  [3, ...dims, 1, 1, 1, 1].forEach((size, n) => file.writeInt16LE(size, 40 + 2 * n));
  file.writeInt16LE(4, 70);
  file.writeFloatLE(352, 108);
  file.writeUInt8(2, 123);
  file.writeInt16LE(1, 254);
  voxelToLps.forEach((number, n) => file.writeFloatLE(n < 8 ? -number : number, 280 + 4 * n));
  file.write('n+1', 344, 'latin1');
  let at = 352;
  for (let k = 0; k < slices; k++)
    for (let j = 0; j < rows; j++)
      for (let i = 0; i < columns; i++, at += 2) file.writeInt16LE(value(i, j, k), at);
  return gzipSync(file);
}

/** Raw voxels as DIR-Lab stores them (HU + 1024): a box of tissue in air. */
export function rawImage([columns, rows, slices]: Triple): Buffer {
  const bytes = Buffer.alloc(2 * columns * rows * slices);
  for (let n = 0; n < bytes.length / 2; n++) bytes.writeInt16LE(n % 3 === 0 ? 0 : 1024 + (n % 50), 2 * n);
  return bytes;
}

const COST = { seconds: 1, cpuSeconds: 1 };

/** A run of the benchmark on scenes, with answers that a test gives instead of a model's. Undefined: an error. */
export async function rowsOf(
  scenes: AsyncIterable<Scene>,
  answer: (truth: TruthPoint, index: number) => LpsPoint | undefined,
  datasets?: Pick<DatasetScenes, 'pooled'>,
): Promise<readonly Row[]> {
  const engine = {
    embedPair: () => Promise.resolve({ query: {} as Embedding, target: {} as Embedding, cost: COST }),
    answer: ({ points }: Scene) =>
      Promise.resolve({
        scored: points.map((truth, index) => {
          const found = answer(truth, index);
          return found === undefined ? { errorMm: undefined } : scoreAnswer(truth, found);
        }),
        time: { embed: COST, match: COST },
      }),
  };
  const run = new Run(engine, {
    models: [{ id: 'm' } as Model],
    methods: ['nearest'],
    withElastix: false,
    save: () => Promise.resolve(),
    say: () => undefined,
  });
  for await (const scene of scenes) await run.scene(scene);
  await run.finish();
  const pools = (datasets?.pooled ?? []).flatMap(({ data, cases }) => run.pooled([data], cases));
  return [...run.rows, ...pools.map(rowOf)];
}

/** A point moved by a shift in LPS mm. */
export function shifted([x, y, z]: LpsPoint, [dx, dy, dz]: Triple): LpsPoint {
  return lpsPoint(x + dx, y + dy, z + dz);
}
