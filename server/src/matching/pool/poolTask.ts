import type { PairWork } from '../answer.ts';
import type { Precomputed, Share } from '../precomputation.ts';
import type { PreviewRequest } from '../preview/index.ts';

/** What the pool posts to a thread. */
export type PoolTask = PairTask | PreviewTask;

/** A preview of a pair from two preview images. */
interface PreviewTask {
  readonly kind: 'preview';
  readonly request: Omit<PreviewRequest, 'signal'>;
}

/** Work on a pair of embeddings. */
export type PairTask = PairWork & {
  /** One shared Int32: not 0 when nobody waits for the answers any more. */
  readonly cancelled: Int32Array;
  /** Ids of the embeddings that the main thread still holds; the others are let go. */
  readonly live: readonly number[];
} & (
    | { readonly kind: 'match'; readonly precomputed: Precomputed | undefined }
    | { readonly kind: 'share'; readonly step: number; readonly before: Precomputed; readonly share: Share }
    | {
        readonly kind: 'join';
        readonly step: number;
        readonly before: Precomputed;
        readonly shares: readonly (object | undefined)[];
      }
  );
