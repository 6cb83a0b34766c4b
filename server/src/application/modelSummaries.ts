import type { ModelRegistry } from '../model/index.ts';
import type { ModelSummary } from './types.ts';

/** The models as callers see them, the default one first. */
export function summariesOf({ models }: ModelRegistry, defaultId: string | undefined): ModelSummary[] {
  const summaries = models.map(({ id, title, kind, modalities, region }) => ({
    ...{ id, title, kind, modalities, region },
    default: id === defaultId,
  }));
  return summaries.sort((a, b) => Number(b.default) - Number(a.default));
}
