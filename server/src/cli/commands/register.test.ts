import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { OpenModules } from '../../composition/index.ts';
import { loadConfig } from '../../config/index.ts';
import { bytesOf, niftiHeader } from '../../nifti/index.ts';
import { readWhole } from './register.ts';

const folder = mkdtempSync(join(tmpdir(), 'samepoint-whole-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

describe('all voxels of a series', () => {
  const path = join(folder, 'image.nii');
  const dims = [64, 64, 64] as const;
  const voxelToLps = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0] as const;
  writeFileSync(
    path,
    Buffer.concat([
      niftiHeader({ dims, voxelToLps, type: 'int16' }),
      bytesOf(Int16Array.from({ length: 64 ** 3 }, (_, at) => (at % 2000) - 1000)),
    ]),
  );
  // Files of this kind need no module.
  const open = {} as OpenModules;
  const io = { signal: new AbortController().signal } as Parameters<typeof readWhole>[3];
  const read = async (besideBytes: number): Promise<unknown> => {
    const config = await loadConfig({ needsPacs: false });
    const input = { kind: 'nifti', path, modality: 'CT' } as const;
    return await readWhole(input, { config }, open, io, besideBytes);
  };

  it('are read where they fit in memory', async () => {
    expect(await read(0)).toMatchObject({ dims });
  });

  it('are refused where they do not, beside those that are in memory: 1,500 slices a hundred times', async () => {
    await expect(read(100 * 1_500 * 512 * 512 * 2)).rejects.toMatchObject({ code: 'register/too-large' });
  });
});
