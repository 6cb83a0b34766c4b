/** Files of torch.save, which an administrator imports. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openCheckpoint } from '../../../server/src/modelImport/checkpoint.ts';
import { readPickle } from '../../../server/src/modelImport/pickle.ts';
import {
  call,
  dictionary,
  globalName,
  integer,
  pickle as pickled,
  tensor,
  text,
  torchFile,
  tuple,
  zip,
} from '../../../server/src/modelImport/testing/torchFile.ts';
import { mutateBytes } from '../mutate.ts';
import type { Target } from './target.ts';

const WEIGHTS = dictionary([
  ['epoch', integer(3)],
  [
    'state_dict',
    dictionary([
      ['backbone.conv1.weight', tensor('0', { shape: [4, 3] })],
      ['backbone.conv1.bias', tensor('1', { shape: [4], type: 'HalfStorage' })],
      ['meta', call(globalName('collections', 'OrderedDict'), tuple())],
      ['name', text('sam')],
    ]),
  ],
]);
const PICKLE = pickled(WEIGHTS);
const STORAGES = new Map([
  ['0', Buffer.alloc(48, 1)],
  ['1', Buffer.alloc(8, 2)],
]);
/** Files as torch.save writes them: zip, and the legacy sequence of pickles. */
const FILES: readonly Uint8Array[] = [
  torchFile(WEIGHTS, STORAGES),
  zip([['archive/data.pkl', PICKLE]], { deflate: true }),
  Buffer.concat([PICKLE, PICKLE, PICKLE]),
];

export const pickle: Target = {
  name: 'pickle',
  make: (random) => mutateBytes(PICKLE, random),
  run: (input) => readPickle(input, 'fuzz.pth'),
};

export const checkpoint: Target = {
  name: 'checkpoint',
  make: (random) => mutateBytes(random.pick(FILES), random),
  async run(input) {
    const folder = mkdtempSync(join(tmpdir(), 'samepoint-fuzz-'));
    try {
      const file = join(folder, 'fuzz.pth');
      writeFileSync(file, input);
      const opened = await openCheckpoint(file);
      try {
        for (const key of opened.tensors.keys()) await opened.read(key);
      } finally {
        await opened.close();
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
};
