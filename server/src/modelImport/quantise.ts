/**
 * The int8 form of an imported network, by the same Python code that makes the shipped models (models/training): the activations are
 * measured on images of the caller, so that it needs Python and some images, which the import itself does not.
 * @module
 */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { SamepointError } from '../errors/index.ts';
import { assertFree, installModel } from './place.ts';
import type { PublishedKind } from './template.ts';
import { compareModels } from './verify.ts';

/** What to quantise, and how. */
export interface QuantiseRequest {
  /** The checkpoint. */
  readonly file: string;
  readonly kind: PublishedKind;
  readonly modelsDirectory: string;
  /** Installed fp32 model of the same weights, with which the result is compared. */
  readonly reference: string;
  readonly replace?: boolean | undefined;
  /** Folder of CTs (NIfTI), and of MR images for UAE-M. */
  readonly images: string;
  readonly mrImages?: string | undefined;
  /** Interpreter with PyTorch. */
  readonly python: string;
  /** Folder of the Python package, models/training. */
  readonly trainingDirectory: string;
  readonly threads: number;
  readonly signal?: AbortSignal | undefined;
}

/** What was installed. */
interface QuantiseReport {
  readonly id: string;
  readonly directory: string;
  /** Mean cosine of the vectors of both forms, by modality and map, of a made-up body. */
  readonly cosines: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

const run = promisify(execFile);
const SUFFIX = '-int8';
/** Of the error of another program, shown. */
const SHOWN_LENGTH = 500;

/**
 * Installs `<reference>-int8`. A failure stores nothing.
 * @throws SamepointError models/already-installed, models/quantisation-failed; the signal's reason
 */
export async function quantiseModel(request: QuantiseRequest): Promise<QuantiseReport> {
  const { modelsDirectory, reference, replace, signal } = request;
  const place = { modelsDirectory, id: `${reference}${SUFFIX}`, replace };
  await assertFree(place);
  const cosines = await installModel(place, async (workshop, made) => {
    await runPython(request, made);
    const models = [
      { directory: modelsDirectory, id: reference },
      { directory: workshop, id: place.id },
    ] as const;
    return await compareModels(models, request);
  });
  signal?.throwIfAborted();
  return { id: place.id, directory: join(modelsDirectory, place.id), cosines };
}

async function runPython(
  { file, kind, images, mrImages, python, trainingDirectory, threads, signal }: QuantiseRequest,
  out: string,
): Promise<void> {
  const mr = mrImages === undefined ? [] : ['--mr-images', mrImages];
  const args = [
    ...['-m', 'samepoint_training.quantise', '--checkpoint', file, '--kind', kind, '--images', images, ...mr],
    ...['--out', out, '--threads', String(threads)],
  ];
  try {
    await run(python, args, { cwd: trainingDirectory, ...(signal === undefined ? {} : { signal }) });
  } catch (cause) {
    signal?.throwIfAborted();
    throw new SamepointError('models/quantisation-failed', { file, problem: lastWords(cause) }, { cause });
  }
}

/** What another program said at its end. */
function lastWords(cause: unknown): string {
  const { stderr, message } = cause as { readonly stderr?: string; readonly message?: string };
  const lines = (stderr ?? '').trim().split('\n');
  return (lines.at(-1) || (message ?? 'it ended without a word')).slice(0, SHOWN_LENGTH);
}
