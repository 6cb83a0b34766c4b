/** Files of torch.save, which an administrator imports. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openCheckpoint } from '../../../server/src/embedding/import/checkpoint.ts';
import { readPickle } from '../../../server/src/embedding/import/pickle.ts';
import { mutateBytes } from '../mutate.ts';
import type { Target } from './target.ts';

/** `{'state_dict': OrderedDict(), 'epoch': 3}` by pickle protocol 2. */
const PICKLE = Buffer.from(
  '80027d7100285806000000' +
    Buffer.from('ignore').toString('hex') +
    '71014b03580a000000' +
    Buffer.from('state_dict').toString('hex') +
    '71027d7103752e',
  'hex',
);

export const pickle: Target = {
  name: 'pickle',
  make: (random) => mutateBytes(PICKLE, random),
  run: (input) => readPickle(input, 'fuzz.pth'),
};

export const checkpoint: Target = {
  name: 'checkpoint',
  make: (random) => mutateBytes(PICKLE, random),
  async run(input) {
    const folder = mkdtempSync(join(tmpdir(), 'samepoint-fuzz-'));
    try {
      const file = join(folder, 'fuzz.pth');
      writeFileSync(file, input);
      await (await openCheckpoint(file)).close();
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
};
