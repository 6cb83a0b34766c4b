/** What is refused, each with its reason, and that nothing remains. Sound files: test/modelImport.test.ts. */
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { jest } from '@jest/globals';
import { manifestJson } from '../model/testing/manifestJson.ts';
import { importModel } from './importModel.ts';
import type { ImportRequest } from './importModel.ts';
import { expectedTensors, readTemplate } from './template.ts';
import type { PublishedKind } from './template.ts';
import {
  call,
  dictionary,
  elementsOf,
  globalName,
  integer,
  pickle,
  tensor,
  text,
  torchFile,
  tuple,
  zip,
} from './testing/torchFile.ts';
import type { Pickled, SavedTensor } from './testing/torchFile.ts';
import { textLike } from '../errors/testing/like.ts';

jest.setTimeout(30_000);

const TEMPLATES = resolve(import.meta.dirname, '../../../models/templates');

/** A network of two layers and one graph, which no onnxruntime reads. */
const TINY_LAYERS = [
  { name: 'neck', shape: [2, 1, 1, 1, 1], norm: false, graph: 'toy.onnx' },
  { name: 'conv', shape: [2, 1, 3, 1, 1], norm: true, graph: 'toy.onnx' },
];
const TINY: Readonly<Record<string, readonly number[]>> = {
  'neck.conv.weight': [2, 1, 1, 1, 1],
  'neck.conv.bias': [2],
  'conv.conv.weight': [2, 1, 3, 1, 1],
  'conv.bn.weight': [2],
  'conv.bn.bias': [2],
  'conv.bn.running_mean': [2],
  'conv.bn.running_var': [2],
};
const BATCHES = 'conv.bn.num_batches_tracked';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'samepoint-import-'));
  await mkdir(join(folder, 'tiny/sam'), { recursive: true });
  const manifest = manifestJson({
    id: 'sam',
    graphs: [
      {
        file: 'toy.onnx',
        inputs: { image: 'image' },
        outputs: { fine: { tensor: 'fine', zStride: 1 } },
        slab: 'whole',
      },
    ],
  });
  await writeFile(join(folder, 'tiny/sam/template.json'), JSON.stringify({ manifest, layers: TINY_LAYERS }));
  await writeFile(join(folder, 'tiny/sam/toy.onnx'), '');
});
afterEach(() => rm(folder, { recursive: true }));

async function importBytes(
  bytes: Buffer,
  name: string,
  changes: Partial<ImportRequest> = {},
): Promise<unknown> {
  const file = join(folder, name);
  await writeFile(file, bytes);
  const where = { modelsDirectory: join(folder, 'models'), templatesDirectory: TEMPLATES };
  return await importModel({ file, ...where, threads: 1, ...changes });
}

/** Checks the error of an import, and that it stored nothing. */
async function expectRefusal(
  bytes: Buffer,
  name: string,
  code: string,
  message: RegExp,
  changes = {},
): Promise<void> {
  await expect(importBytes(bytes, name, changes)).rejects.toMatchObject({
    code,
    message: textLike(message),
  });
  const models = join(folder, 'models');
  expect(existsSync(models) ? await readdir(models) : []).toEqual([]);
}

/** A state_dict by its tensors, without their numbers. */
function stateOf(tensors: ReadonlyMap<string, SavedTensor>): Pickled {
  return dictionary([...tensors].map(([key, saved]) => [key, tensor(key, saved)]));
}

async function publishedTensors(kind: PublishedKind): Promise<Map<string, SavedTensor>> {
  return new Map(expectedTensors((await readTemplate(TEMPLATES, kind)).layers));
}

/** A published network of the given kind as a file, changed. */
async function published(
  kind: PublishedKind,
  change: (tensors: Map<string, SavedTensor>) => void,
): Promise<Buffer> {
  const tensors = await publishedTensors(kind);
  change(tensors);
  return torchFile(dictionary([['state_dict', stateOf(tensors)]]));
}

/** The tiny network with its numbers: 1 everywhere, changed. */
function tiny(change: (numbers: Map<string, Float32Array>) => void = () => undefined): Buffer {
  const numbers = new Map(
    Object.entries(TINY).map(([key, shape]) => [key, new Float32Array(elementsOf(shape)).fill(1)]),
  );
  change(numbers);
  const tensors = new Map<string, SavedTensor>(Object.entries(TINY).map(([key, shape]) => [key, { shape }]));
  tensors.set(BATCHES, { shape: [], type: 'LongStorage' });
  const storages = new Map(
    [...numbers].map(([key, { buffer }]) => [key, Buffer.from(new Uint8Array(buffer))]),
  );
  return torchFile(dictionary([['state_dict', stateOf(tensors)]]), storages);
}

const tinyTemplates = (): Partial<ImportRequest> => ({ templatesDirectory: join(folder, 'tiny') });

describe('files that are no checkpoint', () => {
  it.each([
    ['an empty file', Buffer.alloc(0), /it is empty/u],
    ['a web page', Buffer.from('<!DOCTYPE html><title>Log in</title>'), /it is a web page/u],
    ['a pointer', Buffer.from('version https://git-lfs.github.com/spec/v1\n'), /Git LFS pointer/u],
    ['a picture', Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), /not written by torch\.save/u],
    ['a bare pickle', pickle(integer(1)), /a pickle, but not one of torch\.save/u],
    ['a document', zip([['word/document.xml', Buffer.from('<x/>')]]), /a zip file without data\.pkl/u],
    [
      'a TorchScript program',
      zip([
        ['net/data.pkl', pickle(integer(1))],
        ['net/constants.pkl', pickle(integer(1))],
      ]),
      /TorchScript/u,
    ],
    [
      'a file of a big-endian machine',
      zip([
        ['net/data.pkl', pickle(integer(1))],
        ['net/byteorder', Buffer.from('big')],
      ]),
      /byte order is big/u,
    ],
    ['a single number', torchFile(integer(1)), /holds no dictionary/u],
    [
      'only an optimizer',
      torchFile(
        dictionary([
          ['optimizer', dictionary([])],
          ['epoch', integer(3)],
        ]),
      ),
      /no state_dict, only optimizer, epoch/u,
    ],
  ])('refuses %s', async (_, bytes, message) => {
    await expectRefusal(bytes, 'SAM.pth', 'models/not-a-checkpoint', message);
  });

  it('refuses a file that is not there', async () => {
    const request = {
      file: join(folder, 'gone.pth'),
      modelsDirectory: folder,
      templatesDirectory: TEMPLATES,
      threads: 1,
    };
    await expect(importModel(request)).rejects.toMatchObject({
      code: 'models/not-a-checkpoint',
      message: textLike('ENOENT'),
    });
  });
});

describe('files that are damaged or unsafe', () => {
  it('refuses a file that was cut off', async () => {
    const bytes = tiny();
    const code = 'models/damaged-checkpoint';
    await expectRefusal(
      bytes.subarray(0, bytes.length / 2),
      'SAM.pth',
      code,
      /cut off or no whole zip file/u,
    );
  });

  it('refuses a file of the old format that was cut off', async () => {
    const bytes = await readFile(join(import.meta.dirname, 'testing/small-legacy.pth'));
    const message = /should have \d+ bytes and has \d+/u;
    await expectRefusal(bytes.subarray(0, -8), 'SAM.pth', 'models/damaged-checkpoint', message);
  });

  it('refuses a flipped bit', async () => {
    const bytes = tiny((numbers) => numbers.get('conv.bn.bias')?.fill(0.3));
    const at = bytes.indexOf(Buffer.from(Float32Array.of(0.3).buffer));
    bytes[at] = (bytes[at] ?? 0) ^ 4;
    const message = /checksum of archive\/data\/conv\.bn\.bias/u;
    await expectRefusal(bytes, 'SAM.pth', 'models/damaged-checkpoint', message, tinyTemplates());
  });

  it('refuses a file without the numbers of a tensor', async () => {
    const bytes = tiny((numbers) => numbers.delete('neck.conv.bias'));
    const message = /no entry archive\/data\/neck\.conv\.bias/u;
    await expectRefusal(bytes, 'SAM.pth', 'models/damaged-checkpoint', message, tinyTemplates());
  });

  it('refuses too few numbers', async () => {
    const bytes = tiny((numbers) => numbers.set('neck.conv.bias', new Float32Array(1)));
    const message = /neck\.conv\.bias has 4 bytes for 2 numbers/u;
    await expectRefusal(bytes, 'SAM.pth', 'models/bad-weights', message, tinyTemplates());
  });

  it('refuses a program in the place of weights, and does not run it', async () => {
    const trace = join(folder, 'trace');
    const evil = call(globalName('posix', 'system'), tuple(text(`touch ${trace}`)));
    const bytes = torchFile(dictionary([['state_dict', evil]]));
    await expectRefusal(bytes, 'SAM.pth', 'models/unsafe-pickle', /requests posix\.system/u);
    expect(existsSync(trace)).toBe(false);
  });

  it.each([
    ['conv.conv.weight', NaN, /conv\.conv\.weight holds numbers that are not finite/u],
    ['conv.bn.running_mean', Infinity, /conv\.bn\.running_mean holds numbers that are not finite/u],
    ['conv.bn.running_var', -1, /conv\.bn\.running_var is negative/u],
  ])('refuses %s of %d', async (key, value, message) => {
    const bytes = tiny((numbers) => numbers.get(key)?.fill(value, 1));
    await expectRefusal(bytes, 'SAM.pth', 'models/bad-weights', message, tinyTemplates());
  });
});

describe('files of other networks', () => {
  const foreign = 'models/foreign-checkpoint';
  const KEY = 'backbone.layer3.0.conv1.conv.weight';

  it('refuses a missing key', async () => {
    const bytes = await published('sam', (tensors) => tensors.delete(KEY));
    await expectRefusal(
      bytes,
      'SAM.pth',
      foreign,
      new RegExp(`not SAM as published; 1 missing: ${KEY}$`, 'u'),
    );
  });

  it('refuses a key too many', async () => {
    const bytes = await published('sam', (tensors) => tensors.set('decoder.weight', { shape: [1] }));
    await expectRefusal(bytes, 'SAM.pth', foreign, /1 unexpected: decoder\.weight$/u);
  });

  it('refuses another shape', async () => {
    const bytes = await published('sam', (tensors) => tensors.set(KEY, { shape: [256, 128, 1, 3, 3] }));
    const message = /wrong shape: .* is 256 x 128 x 1 x 3 x 3, not 256 x 128 x 3 x 3 x 3$/u;
    await expectRefusal(bytes, 'SAM.pth', foreign, message);
  });

  it('refuses another number type', async () => {
    const bytes = await published('sam', (tensors) =>
      tensors.set('neck.fpn_convs.0.conv.bias', { shape: [128], type: 'DoubleStorage' }),
    );
    const message = /wrong type: neck\.fpn_convs\.0\.conv\.bias is DoubleStorage, not FloatStorage$/u;
    await expectRefusal(bytes, 'SAM.pth', foreign, message);
  });

  it('refuses another architecture and counts what is missing', async () => {
    const tensors = new Map([['encoder.weight', { shape: [2] }]]);
    const bytes = torchFile(dictionary([['state_dict', stateOf(tensors)]]));
    const message =
      /138 missing: backbone\.conv1\.conv\.weight, .* and 132 more; 1 unexpected: encoder\.weight$/u;
    await expectRefusal(bytes, 'weights.pth', foreign, message);
  });

  it('refuses a UAE-S without its semantic head', async () => {
    const bytes = await published('sam', () => undefined);
    const message = /not UAE-S as published; 8 missing: semantic_head\./u;
    await expectRefusal(bytes, 'SAMv2_iter_20000.pth', foreign, message);
  });

  it('requires the kind of two networks with the same keys', async () => {
    const bytes = await published('uae-m', () => undefined);
    await expectRefusal(bytes, 'weights.pth', 'models/kind-unknown', /UAE-S or UAE-M/u);
  });
});

describe('what is installed already', () => {
  it.each([false, true])('is not replaced: a folder without a model, --force %s', async (replace) => {
    await mkdir(join(folder, 'models/sam'), { recursive: true });
    await writeFile(join(folder, 'models/sam/readme.txt'), 'mine');
    await expect(importBytes(tiny(), 'SAM.pth', { replace })).rejects.toMatchObject({
      code: 'models/already-installed',
    });
    expect(await readdir(join(folder, 'models/sam'))).toEqual(['readme.txt']);
  });

  it('stays when the new one does not pass its test run', async () => {
    await mkdir(join(folder, 'models/sam'), { recursive: true });
    await writeFile(join(folder, 'models/sam/model.json'), 'the old one');
    await expect(importBytes(tiny(), 'SAM.pth', { ...tinyTemplates(), replace: true })).rejects.toMatchObject(
      {
        code: 'embedding/model-failed',
      },
    );
    expect(await readdir(join(folder, 'models'))).toEqual(['sam']);
    expect(await readFile(join(folder, 'models/sam/model.json'), 'utf8')).toBe('the old one');
  });

  it('stores nothing when it is interrupted', async () => {
    const reason = new Error('stopped');
    const stopped = { ...tinyTemplates(), signal: AbortSignal.abort(reason) };
    await expect(importBytes(tiny(), 'SAM.pth', stopped)).rejects.toBe(reason);
    expect(await readdir(join(folder, 'models'))).toEqual([]);
  });
});
