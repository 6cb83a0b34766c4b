/**
 * A PyTorch checkpoint on disk: its tensors by key, read one at a time. Both containers of torch.save are read, the zip file of
 * torch 1.6 and later and the plain sequence before it.
 * @module
 */
import { isSamepointError, SamepointError, problemOf } from '../errors/index.ts';
import { openFile } from './fileReader.ts';
import type { FileReader } from './fileReader.ts';
import { isLegacy, openLegacy } from './legacyArchive.ts';
import { MAX_PICKLE_BYTES, MAX_STORAGE_BYTES } from './limits.ts';
import { readPickle } from './pickle.ts';
import { shown } from './shown.ts';
import { problemWith, tensorValues } from './tensorValues.ts';
import { trainingOf } from './trained.ts';
import type { Training } from './trained.ts';
import { TensorView } from './values.ts';
import type { PickleValue } from './values.ts';
import { openZip } from './zipArchive.ts';
import type { TorchArchive } from './torchArchive.ts';

/** An open checkpoint. */
export interface Checkpoint {
  /** Tensors of the network by state_dict key, without the `module.` of a parallel training. */
  readonly tensors: ReadonlyMap<string, TensorView>;
  /** Keys of the state_dict that hold no tensor. */
  readonly others: readonly string[];
  /** What else the file holds, such as the state of the optimizer. */
  readonly ignored: readonly string[];
  /** What the training package says of its own checkpoint; undefined for others. */
  readonly training: Training | undefined;
  /** Values of a float32 or float16 tensor, row by row. */
  read(key: string): Promise<Float32Array>;
  close(): Promise<void>;
}

/** Enough to distinguish kinds of files. */
const HEAD_BYTES = 64;

const ZIP_SIGNATURE = 'PK\x03\x04';
const PICKLE_SUFFIX = '/data.pkl';
/** Key that mmcv and most others keep the weights under. */
const STATE_DICT = 'state_dict';
/** Key that the training package (models/training) keeps its averaged weights under, the ones that a model is made of. */
const AVERAGED = 'ema';
/** Prefix that torch.nn.DataParallel gives every key. */
const PARALLEL_PREFIX = 'module.';

/**
 * Opens a checkpoint: reads its pickle, no weights yet. Whatever the bytes are, this needs bounded time and memory (limits.ts).
 * @throws SamepointError models/not-a-checkpoint, damaged-checkpoint, unsafe-pickle
 */
export async function openCheckpoint(file: string): Promise<Checkpoint> {
  const reader = await openFile(file);
  try {
    const archive = await ofCatalogue(file, openArchive(reader, file));
    const { state, ignored, training } = stateDict(archive.value, file);
    const { tensors, others } = namedTensors(state);
    return {
      tensors,
      others,
      ignored,
      training,
      read: (key) => ofCatalogue(file, readTensor(archive, file, key, tensors.get(key))),
      close: () => reader.close(),
    };
  } catch (error) {
    await reader.close();
    throw error;
  }
}

/** The one place where what libraries and the system say about a file becomes a refusal with its reason. */
async function ofCatalogue<T>(file: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (cause) {
    if (isSamepointError(cause)) throw cause;
    throw new SamepointError(
      'models/damaged-checkpoint',
      { file, reason: shown(problemOf(cause)) },
      { cause },
    );
  }
}

async function openArchive(reader: FileReader, file: string): Promise<TorchArchive> {
  const head = await reader.read(0, Math.min(HEAD_BYTES, reader.size));
  const text = head.toString('latin1');
  if (text.startsWith(ZIP_SIGNATURE)) return await openZipCheckpoint(reader, file);
  if (isLegacy(head)) return await openLegacy(reader, file);
  throw notACheckpoint(file, whatItIs(text));
}

function notACheckpoint(file: string, reason: string): SamepointError {
  return new SamepointError('models/not-a-checkpoint', { file, reason });
}

/** Downloads that went wrong are the usual reason. */
function whatItIs(head: string): string {
  if (head === '') return 'it is empty';
  if (/^\s*</u.test(head)) return 'it is a web page; the download requires a login or a confirmation';
  if (head.startsWith('version https://git-lfs')) return 'it is a Git LFS pointer, not the file itself';
  if (head.startsWith('\x80')) return 'it is a pickle, but not one of torch.save';
  return 'it was not written by torch.save';
}

async function openZipCheckpoint(reader: FileReader, file: string): Promise<TorchArchive> {
  const zip = await openZip(reader, file);
  const pickle = [...zip.names].find((name) => name.endsWith(PICKLE_SUFFIX));
  if (pickle === undefined) throw notACheckpoint(file, 'it is a zip file without data.pkl');
  const root = pickle.slice(0, -PICKLE_SUFFIX.length);
  if (zip.names.has(`${root}/constants.pkl`)) throw notACheckpoint(file, 'it is a TorchScript program');
  if (zip.names.has(`${root}/byteorder`)) {
    const order = new TextDecoder().decode(await zip.read(`${root}/byteorder`, HEAD_BYTES));
    if (order !== 'little') throw notACheckpoint(file, `its byte order is ${shown(order)}, not little`);
  }
  const { value } = readPickle(await zip.read(pickle, MAX_PICKLE_BYTES), file);
  return { value, readStorage: ({ key }) => zip.read(`${root}/data/${key}`, MAX_STORAGE_BYTES) };
}

interface StateDict {
  readonly state: ReadonlyMap<PickleValue, PickleValue>;
  readonly ignored: readonly string[];
  readonly training?: Training;
}

function stateDict(value: PickleValue, file: string): StateDict {
  if (!(value instanceof Map)) throw notACheckpoint(file, 'it holds no dictionary');
  const state = value.get(STATE_DICT);
  const keys = [...value.keys()].map((key) => shown(keyText(key)));
  if (state instanceof Map) return { state, ignored: keys.filter((key) => key !== STATE_DICT) };
  const averaged = value.get(AVERAGED);
  const training = averaged instanceof Map ? trainingOf(value.get('meta')) : undefined;
  if (averaged instanceof Map && training !== undefined) {
    return { state: averaged, ignored: keys.filter((key) => key !== AVERAGED), training };
  }
  const isBare = value.size > 0 && [...value.values()].every((item) => item instanceof TensorView);
  if (isBare) return { state: value, ignored: [] };
  throw notACheckpoint(
    file,
    `it has no state_dict, only ${keys.slice(0, 8).join(', ') || 'an empty dictionary'}`,
  );
}

function keyText(key: PickleValue): string {
  return typeof key === 'string' ? key : `(${typeof key})`;
}

function namedTensors(state: StateDict['state']): Pick<Checkpoint, 'tensors' | 'others'> {
  const names = [...state.keys()].map(keyText);
  const isParallel = names.every((name) => name.startsWith(PARALLEL_PREFIX));
  const tensors = new Map<string, TensorView>();
  const others: string[] = [];
  for (const [key, value] of state) {
    const name = keyText(key).slice(isParallel ? PARALLEL_PREFIX.length : 0);
    if (value instanceof TensorView) tensors.set(name, value);
    else others.push(name);
  }
  return { tensors, others };
}

async function readTensor(
  archive: TorchArchive,
  file: string,
  key: string,
  tensor: TensorView | undefined,
): Promise<Float32Array> {
  const bad = (problem: string): SamepointError =>
    new SamepointError('models/bad-weights', { file, key, problem });
  if (tensor === undefined) throw bad('is missing');
  const bytes = await archive.readStorage(tensor.storage);
  const problem = problemWith(tensor, bytes.length);
  if (problem !== undefined) throw bad(problem);
  const values = tensorValues(tensor, bytes);
  if (!values.every(Number.isFinite)) throw bad('holds numbers that are not finite');
  return values;
}
