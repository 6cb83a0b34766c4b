import { spec } from './spec.ts';

/** Errors of embedding/: models, the inference process and the cache. */
export const embeddingErrors = {
  'embedding/unknown-model': spec<{ model: string; available: readonly string[] }>({
    status: 404,
    summary: 'The requested model is not installed.',
    remedy: 'Choose one of the installed models, listed by GET /models.',
    message: ({ model, available }) =>
      `model "${model}" is not installed; installed: ${available.join(', ')}`,
  }),
} as const;
