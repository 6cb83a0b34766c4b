import type { PairWork } from './answer.ts';
import type { Prepared, Share } from './methods.ts';

/** What the pool posts to a thread. */
export type PoolTask = PairWork & {
  /** `prepare` and `prepareBeside`: compute what the method needs of the pair; `fill`: a share of it; `match`: answer the points. */
  readonly kind: 'prepare' | 'prepareBeside' | 'fill' | 'match';
  /** For `prepare`: that of the method's basis. */
  readonly prepared: Prepared | undefined;
  /** Of `fill`. */
  readonly share?: Share;
  /** One shared Int32: not 0 when nobody waits for the answers any more. */
  readonly cancelled: Int32Array;
  /** Ids of the embeddings that the main thread still holds; the others are let go. */
  readonly live: readonly number[];
};
