/**
 * Which published network a checkpoint is, and whether it is exactly that.
 * @module
 */
import { basename } from 'node:path';
import { SamepointError } from '../errors/index.ts';
import type { Checkpoint } from './checkpoint.ts';
import { shown } from './shown.ts';
import { isFloat } from './tensorValues.ts';
import { expectedTensors } from './template.ts';
import type { Layer, PublishedKind } from './template.ts';

/** Names of the released files: CrossSAM_iter_20000_ct_mr_inter_1.pth, SAMv2_iter_20000.pth, SAM.pth; and the papers' names. */
const NAMES: readonly (readonly [RegExp, PublishedKind])[] = [
  [/cross-?sam|uae-?m(?![a-z])/iu, 'uae-m'],
  [/samv2|sam\+\+|uae-?s(?![a-z])/iu, 'uae-s'],
  [/^sam(?![a-z])/iu, 'sam'],
];
const SEMANTIC_HEAD = 'semantic_head.';

/**
 * The kind that the name of the file says, or else its keys. UAE-S and UAE-M have the same keys: theirs must be named.
 * @throws SamepointError models/kind-unknown
 */
export function kindOf(file: string, keys: Iterable<string>): PublishedKind {
  const named = NAMES.find(([pattern]) => pattern.test(basename(file)))?.[1];
  if (named !== undefined) return named;
  for (const key of keys) {
    if (key.startsWith(SEMANTIC_HEAD)) throw new SamepointError('models/kind-unknown', { file });
  }
  return 'sam';
}

/**
 * Compares every key, shape and number type with the published network.
 * @throws SamepointError models/foreign-checkpoint with all that differs.
 */
export function checkTensors(
  file: string,
  kind: PublishedKind,
  { tensors, others }: Pick<Checkpoint, 'tensors' | 'others'>,
  layers: readonly Layer[],
): void {
  const expected = expectedTensors(layers);
  const noTensors = new Set(others);
  const missing = [...expected.keys()].filter((key) => !tensors.has(key));
  const unexpected = [...tensors.keys(), ...others].filter((key) => !expected.has(key) || noTensors.has(key));
  const wrongShape: string[] = [];
  const wrongType: string[] = [];
  for (const [key, { shape, type }] of expected) {
    const tensor = tensors.get(key);
    if (tensor === undefined) continue;
    const [found, wanted] = [sizes(tensor.shape), sizes(shape)];
    if (found !== wanted) wrongShape.push(`${key} is ${found}, not ${wanted}`);
    const isRead = type === 'FloatStorage' ? isFloat(tensor.storage.type) : tensor.storage.type === type;
    if (!isRead) wrongType.push(`${key} is ${tensor.storage.type}, not ${type}`);
  }
  const problems = { missing, unexpected, wrongShape, wrongType };
  if (Object.values(problems).some((keys) => keys.length > 0)) {
    throw new SamepointError('models/foreign-checkpoint', {
      file,
      kind: kind.toUpperCase(),
      missing,
      unexpected: unexpected.map(shown),
      wrongShape,
      wrongType,
    });
  }
}

function sizes(shape: readonly number[]): string {
  return shape.length === 0 ? 'a single number' : shape.join(' x ');
}
