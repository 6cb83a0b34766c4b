import type { PreviewImage } from '../../embedding/types.ts';
import type { PairWork } from '../answer.ts';
import type { DeformationTerms } from '../pairDeformation/index.ts';
import type { MethodStates } from '../../matchMethods/index.ts';
import type { Share } from '../../concurrency/index.ts';
import type { PreviewRequest } from '../preview/index.ts';
import type { MatchMethod } from '../types.ts';

/** What the pool posts to a thread. */
export type PoolTask = PairTask | PreviewTask | PoseTask;

/** A preview of a pair from two preview images. */
interface PreviewTask {
  readonly kind: 'preview';
  readonly request: Omit<PreviewRequest, 'signal'>;
}

/** The gross pose of a pair of embedded series. */
interface PoseTask {
  readonly kind: 'pose';
  readonly query: PreviewImage;
  readonly target: PreviewImage;
}

/** Work on a pair of embeddings. */
export type PairTask = PairWork & {
  /** One shared Int32: not 0 when no caller waits for the answers. */
  readonly cancelled: Int32Array;
  /** Ids of the embeddings that the main thread still holds; the others are let go. */
  readonly live: readonly number[];
} & (
    | { readonly kind: 'similarity' }
    | { readonly kind: 'match'; readonly state: MethodStates[MatchMethod] | undefined }
    | {
        readonly kind: 'deformation';
        readonly state: MethodStates['field'] | undefined;
        readonly terms: DeformationTerms;
      }
    | { readonly kind: 'share'; readonly step: number; readonly before: unknown; readonly share: Share }
    | {
        readonly kind: 'join';
        readonly step: number;
        readonly before: unknown;
        readonly shares: readonly unknown[];
      }
  );
