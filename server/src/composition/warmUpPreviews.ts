import { previewImageOf } from '../embedding/index.ts';
import type { Model } from '../model/index.ts';
import type { PointMatcher } from '../matching/index.ts';
import { warmUpTask } from '../preprocessing/index.ts';
import type { Volume } from '../volume/types.ts';

/** V8 optimises what has run a few times (measured: a first preview image needs 80 ms, a fourth one 27). */
const WARM_UPS = 4;
/** Threads of the matcher that stay. */
const THREADS = 2;

/** Previews a pair that no patient ever was: the first reader does not wait until the code of it is compiled. */
export async function warmUpPreviews(
  matcher: Pick<PointMatcher, 'previewPoints'>,
  { manifest }: Pick<Model, 'manifest'>,
): Promise<void> {
  const uids = { studyInstanceUid: '', seriesInstanceUid: '', frameOfReferenceUid: '' };
  const volume: Volume = { ...warmUpTask(manifest).volume, ...uids, slices: [], warnings: [] };
  for (let n = 0; n < WARM_UPS; n++) {
    const image = await previewImageOf(volume);
    const request = { query: image, target: image, points: [] };
    await Promise.all(Array.from({ length: THREADS }, () => matcher.previewPoints(request)));
  }
}
