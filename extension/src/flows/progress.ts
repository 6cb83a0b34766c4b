import { notices } from '../i18n/words.ts';
import type { SearchProgress } from '../lesions/activity.ts';
import type { JobProgress } from '../wire.ts';

/** The server's progress in words for the reader. */
export function progressText({ stage, fraction, message }: JobProgress): SearchProgress {
  const words = notices().progress;
  const { fetch, embed, match } = words;
  const stages: Readonly<Record<string, string>> = { fetch, embed, match };
  const own = stages[stage] ?? words.working;
  const text = message === '' ? own : message;
  return {
    text: stage === 'embed' ? words.once(text) : text,
    fraction: Number.isFinite(fraction) ? Math.min(1, Math.max(0, fraction)) : undefined,
  };
}
