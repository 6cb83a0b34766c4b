import { spec } from './spec.ts';

/** Keys named in a message; the fields hold all of them. */
const KEYS_SHOWN = 6;

const GET_AGAIN =
  'Download the file again from where its authors publish it, and compare its size or checksum with what they state.';

function named(what: string, keys: readonly string[]): readonly string[] {
  if (keys.length === 0) return [];
  const rest = keys.length > KEYS_SHOWN ? ` and ${keys.length - KEYS_SHOWN} more` : '';
  return [`${what}: ${keys.slice(0, KEYS_SHOWN).join(', ')}${rest}`];
}

/** Errors of embedding/import: published checkpoints on their way to an installed model. */
export const modelsErrors = {
  'models/not-a-checkpoint': spec<{ file: string; reason: string }>({
    status: 422,
    summary: 'The file to import is no PyTorch checkpoint, or one without network weights.',
    remedy: 'Give the .pth file of SAM, UAE-S or UAE-M as its authors publish it.',
    message: ({ file, reason }) => `${file} is no checkpoint of a network: ${reason}`,
  }),
  'models/damaged-checkpoint': spec<{ file: string; reason: string }>({
    status: 422,
    summary: 'The checkpoint is cut off, has changed bytes, or was not written by torch.save.',
    remedy: GET_AGAIN,
    message: ({ file, reason }) => `${file} is damaged: ${reason}`,
  }),
  'models/unsafe-pickle': spec<{ file: string; global: string }>({
    status: 422,
    summary:
      'The checkpoint names a function or class that plain weights do not need. Nothing of it was run.',
    remedy:
      'Do not load this file with PyTorch: it may run a program. Find out where it comes from, and use the file of the authors.',
    message: ({ file, global }) =>
      `${file} requests ${global}, which no checkpoint of weights needs; nothing was run`,
  }),
  'models/foreign-checkpoint': spec<{
    file: string;
    kind: string;
    missing: readonly string[];
    unexpected: readonly string[];
    wrongShape: readonly string[];
    wrongType: readonly string[];
  }>({
    status: 422,
    summary:
      'The keys, shapes or number types of the checkpoint are not exactly those of the published network.',
    remedy:
      'Import complete, unchanged SAM, UAE-S or UAE-M files; where the file is another of the three, say so with --kind.',
    message: ({ file, kind, missing, unexpected, wrongShape, wrongType }) =>
      `${file} is not ${kind} as published; ${[
        ...named(`${missing.length} missing`, missing),
        ...named(`${unexpected.length} unexpected`, unexpected),
        ...named('wrong shape', wrongShape),
        ...named('wrong type', wrongType),
      ].join('; ')}`,
  }),
  'models/bad-weights': spec<{ file: string; key: string; problem: string }>({
    status: 422,
    summary: 'A tensor of the checkpoint holds values that no trained network has.',
    remedy: GET_AGAIN,
    message: ({ file, key, problem }) => `${file}: ${key} ${problem}`,
  }),
  'models/kind-unknown': spec<{ file: string }>({
    status: 422,
    summary:
      'UAE-S and UAE-M have the same keys and shapes, and the name of the file does not say which it is.',
    remedy: 'Add --kind uae-s (SAMv2 file) or --kind uae-m (CrossSAM file, CT and MR).',
    message: ({ file }) => `${file} may be UAE-S or UAE-M; nothing in it shows which`,
  }),
  'models/already-installed': spec<{ directory: string }>({
    status: 409,
    summary: 'There is a model of this name.',
    remedy: 'Choose another name with --name, or replace the installed model with --force.',
    message: ({ directory }) => `${directory} exists`,
  }),
  'models/import-failed': spec<{ file: string; problem: string }>({
    status: 500,
    summary: 'The imported model could not be written, or did not pass its test run. Nothing was installed.',
    remedy: 'Check that the models directory can be written and has 300 MB free; if it has, report the file.',
    message: ({ file, problem }) => `${file} could not be imported: ${problem}`,
  }),
  'models/quantisation-failed': spec<{ file: string; problem: string }>({
    status: 500,
    summary: 'The int8 form of an imported network could not be made. The fp32 model stays installed.',
    remedy:
      'Install PyTorch, NumPy, SciPy, NiBabel and ONNX for Python (models/training/README.md), name that Python by --python, and give folders of NIfTI images by --images and, for UAE-M, --mr-images.',
    message: ({ file, problem }) => `the int8 form of ${file} could not be made: ${problem}`,
  }),
} as const;
