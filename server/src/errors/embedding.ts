import { spec } from './spec.ts';

const INSTALL_AGAIN = 'Install the model again from its release; the server uses the other models meanwhile.';

/** Errors of embedding/: models, the inference process and the cache. */
export const embeddingErrors = {
  'embedding/unknown-model': spec<{ model: string; available: readonly string[] }>({
    status: 404,
    summary: 'The requested model is not installed.',
    remedy: 'Choose one of the installed models, listed by GET /models.',
    message: ({ model, available }) =>
      `model "${model}" is not installed; installed: ${available.join(', ') || 'none'}`,
  }),
  'embedding/models-unreadable': spec<{ directory: string; problem: string }>({
    status: 500,
    summary: 'The folder of the models cannot be read.',
    remedy: 'Correct the models directory in the configuration, or its permissions.',
    message: ({ directory, problem }) => `cannot read the models directory ${directory}: ${problem}`,
  }),
  'embedding/model-unreadable': spec<{ file: string; problem: string }>({
    status: 500,
    summary: 'A file of a model is missing, cannot be read, or its manifest is not JSON.',
    remedy: INSTALL_AGAIN,
    message: ({ file, problem }) => `cannot read ${file}: ${problem}`,
  }),
  'embedding/model-invalid': spec<{ file: string; problems: readonly string[] }>({
    status: 500,
    summary: 'The manifest of a model breaks a rule of the manifest schema.',
    remedy:
      'Correct model.json (models/README.md documents it) or install a model made for this version of Samepoint.',
    message: ({ file, problems }) => `${file} is not a valid model manifest: ${problems.join('; ')}`,
  }),
  'embedding/model-corrupt': spec<{ file: string; expected: string; found: string }>({
    status: 500,
    summary: 'The SHA-256 of a model file is not the one in its manifest.',
    remedy: INSTALL_AGAIN,
    message: ({ file, expected, found }) =>
      `${file} is damaged or foreign: SHA-256 ${found}, expected ${expected}`,
  }),
  'embedding/model-failed': spec<{ model: string; problem: string }>({
    status: 500,
    summary:
      'onnxruntime cannot load or run the graphs of a model, or they give other tensors than its manifest says.',
    remedy: INSTALL_AGAIN,
    message: ({ model, problem }) => `model "${model}" cannot be run: ${problem}`,
  }),
  'embedding/modality-not-supported': spec<{ model: string; modality: string; supported: readonly string[] }>(
    {
      status: 422,
      summary: 'The model is not made for the modality of the series.',
      remedy: 'Choose a model that lists this modality (GET /models; samepoint models list).',
      message: ({ model, modality, supported }) =>
        `model "${model}" reads ${supported.join(', ')}; the series is ${modality}`,
    },
  ),
  'embedding/no-body': spec<{ model: string; dims: readonly number[] }>({
    status: 422,
    summary: 'No body was found in the volume: it is all air, or of one value.',
    remedy: 'Choose a series that shows the patient; check RescaleSlope and RescaleIntercept of a CT.',
    message: ({ dims }) => `no body was found in the volume of ${dims.join(' x ')} voxels`,
  }),
  'embedding/volume-too-large': spec<{ dims: readonly number[]; limit: number }>({
    status: 422,
    summary: 'The working grid of the volume has more voxels than the server can hold.',
    remedy: 'Choose a series with a smaller field of view; check its PixelSpacing and slice positions.',
    message: ({ dims, limit }) =>
      `the volume needs a working grid of ${dims.join(' x ')} voxels; the limit is ${limit} voxels`,
  }),
  'embedding/inference-crashed': spec<{ model: string; reason: string }>({
    status: 500,
    summary: 'The inference process died while it computed an embedding, most often for want of memory.',
    remedy: 'Try again: a new process serves the next request. If it recurs, give the server more memory.',
    message: ({ model, reason }) => `the inference process died while running model "${model}": ${reason}`,
  }),
  'embedding/closed': spec<Readonly<Record<string, never>>>({
    status: 503,
    summary: 'The server is shutting down and computes no more embeddings.',
    remedy: 'Try again when the server is back.',
    message: () => 'the embedder is closed',
  }),
  'embedding/cache-unusable': spec<{ directory: string; problem: string }>({
    status: 500,
    summary: 'The cache directory cannot be created or listed when the server starts.',
    remedy: 'Correct the cache directory in the configuration, or its permissions.',
    message: ({ directory, problem }) => `cannot use the cache directory ${directory}: ${problem}`,
  }),
  'embedding/cache-in-use': spec<{ directory: string; pid: number; host: string }>({
    status: 500,
    summary: 'Another Samepoint server uses the same cache directory. The server does not start.',
    remedy:
      'Stop the other server, or give this one a cache directory of its own (embedding.cacheDirectory). If the other one ran on another machine or in another container and has just ended, start again in a minute.',
    message: ({ directory, pid, host }) =>
      `the cache directory ${directory} is in use by another server (process ${pid} on ${host})`,
  }),
  'embedding/cache-write-failed': spec<{ problem: string; bytes: number }>({
    status: 507,
    summary:
      'An embedding could not be kept on disk (disk full, no permission, larger than the cache). It is served all the same.',
    remedy:
      'Free disk space, or raise the cache size in the configuration; until then embeddings are computed again.',
    message: ({ problem, bytes }) => `cannot keep an embedding of ${bytes} bytes in the cache: ${problem}`,
  }),
} as const;
