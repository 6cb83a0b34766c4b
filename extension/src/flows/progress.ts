import type { SearchProgress } from '../lesions/activity.ts';
import type { JobProgress } from '../wire.ts';

/** What the server is doing, where it has no words for it itself. */
const STAGES: Readonly<Record<string, string>> = {
  fetch: 'Reading the images from the PACS',
  embed: 'Analysing the images',
  match: 'Looking for the point',
};

/** The first click in a series waits for this; the reader should know that the next one does not. */
const ONCE = ' (once per series, later clicks are quick)';

/** The server's progress in words for the reader. */
export function progressText({ stage, fraction, message }: JobProgress): SearchProgress {
  const text = message === '' ? (STAGES[stage] ?? 'Working') : message;
  return {
    text: stage === 'embed' ? `${text}${ONCE}` : text,
    fraction: Number.isFinite(fraction) ? Math.min(1, Math.max(0, fraction)) : undefined,
  };
}
