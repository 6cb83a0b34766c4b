import type { Host } from '../viewer/host.ts';
import type { ImageOf } from './voxels.ts';

/** Images are requested in such numbers at a time: the viewer's own requests go on beside them. */
const AT_ONCE = 6;

/** The images of series in the viewer's memory, and how those that are missing get there: as the viewer itself loads them. */
export class SeriesImages {
  readonly #host: Host;
  readonly #loaded: () => void;
  readonly #requested = new Set<string>();
  readonly #failed = new Set<string>();
  #queue: string[] = [];
  #running = 0;

  /** @param loaded called when images have arrived, or cannot be had */
  constructor(host: Host, loaded: () => void) {
    this.#host = host;
    this.#loaded = loaded;
  }

  /** An image in memory. */
  readonly of: ImageOf = (imageId) => this.#host.libraries.cornerstone.cache?.getImage?.(imageId);

  /** True where an image could not be loaded. */
  hasFailed(imageIds: readonly string[]): boolean {
    return this.#failed.size > 0 && imageIds.some((imageId) => this.#failed.has(imageId));
  }

  /** Requests images; each once. */
  load(imageIds: readonly string[]): void {
    const wanted = imageIds.filter((imageId) => !this.#requested.has(imageId));
    for (const imageId of wanted) this.#requested.add(imageId);
    this.#queue.push(...wanted);
    while (this.#running < AT_ONCE && this.#queue.length > 0) void this.#work();
  }

  /** Forgets what failed, and what was requested: it is requested again when it is missing. */
  reset(): void {
    this.#requested.clear();
    this.#failed.clear();
    this.#queue = [];
  }

  async #work(): Promise<void> {
    this.#running += 1;
    for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) {
      try {
        const { imageLoader } = this.#host.libraries.cornerstone;
        if (imageLoader?.loadAndCacheImage === undefined) throw new Error('no image loader');
        await imageLoader.loadAndCacheImage(next);
        // The viewer may drop it again when its memory is full.
        this.#requested.delete(next);
      } catch {
        this.#failed.add(next);
      }
    }
    this.#running -= 1;
    if (this.#running === 0) this.#loaded();
  }
}
