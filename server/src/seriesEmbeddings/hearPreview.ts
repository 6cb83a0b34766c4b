import type { GrantedSeries } from '../access/index.ts';
import type { PreviewImage } from '../embedding/index.ts';
import type { EmbeddingKey } from '../embeddingCache/index.ts';
import type { WorkProgress } from '../work/index.ts';
import type { Ports } from '../ports/index.ts';
import type { Progress } from './types.ts';

/** Who hears what. */
interface Hearing {
  readonly key: EmbeddingKey;
  readonly report: (progress: Progress) => void;
  readonly onPreviewImage: (image: PreviewImage) => void;
  /** Aborts when the work has ended: a preview that comes later is not shown. */
  readonly over: AbortSignal;
}

/** Hears the progress of another process, and shows once the preview image of the series that it has put into the store. */
export function hearPreview(
  cache: Pick<Ports['cache'], 'getPreview'>,
  { series }: GrantedSeries,
  { key, report, onPreviewImage, over }: Hearing,
): (progress: WorkProgress) => void {
  let isShown = false;
  const show = async (): Promise<void> => {
    const image = await cache.getPreview(key);
    if (image?.volume.seriesInstanceUid === series.seriesInstanceUid && !over.aborted) onPreviewImage(image);
  };
  return ({ hasPreview = false, ...progress }) => {
    report(progress);
    if (!hasPreview || isShown) return;
    isShown = true;
    void show();
  };
}
