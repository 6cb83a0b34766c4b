import { availableParallelism } from 'node:os';
import { createLocalRunner } from './pool/localRunner.ts';
import type { DeformationField } from '../deformation/types.ts';
import type { DeformationRequest } from './pairDeformation/index.ts';
import { deformationWith, matchWith } from './matchPoints.ts';
import { PoolRunner } from './pool/pool.ts';
import { findPose, KeptPoses } from './pose.ts';
import type { PairPose, PoseRequest } from './pose.ts';
import { previewPoints } from './preview/index.ts';
import type { PreviewRequest } from './preview/index.ts';
import { warmUpRequest } from './pool/warmUp.ts';
import { similarityWith } from './similarity/index.ts';
import type { PointSimilarity } from '../similarityFormat/types.ts';
import type { MatchRequest, PointOutcome, SimilarityRequest } from './types.ts';

/** V8 optimises what has run a few times. */
const WARM_UPS = 4;

/** Finds points of one series in another; owns threads. */
export interface PointMatcher {
  /** See {@link matchWith} for what it answers and throws. */
  matchPoints(request: MatchRequest): Promise<readonly PointOutcome[]>;
  /** The whole map of a pair; see {@link deformationWith} for what it throws. */
  deformation(request: DeformationRequest): Promise<DeformationField>;
  /** Where a series looks like one point of another; see {@link similarityWith} for what it throws. */
  similarity(request: SimilarityRequest): Promise<PointSimilarity>;
  /**
   * How the patient of the target lies against that of the query, from preview images of both embeddings; kept as long as both.
   * @throws the signal's reason when it is aborted
   */
  findPose(request: PoseRequest): Promise<PairPose>;
  /** A preview; see {@link previewPoints}. */
  previewPoints(request: PreviewRequest): Promise<readonly PointOutcome[]>;
  /**
   * Answers a pair that no patient ever was: threads start, load and compile what the first reader would wait for (measured:
   * 0.5 s of a cold pair).
   */
  warmUp(): Promise<void>;
  /** Ends the threads; requests that still run fail. */
  close(): Promise<void>;
}

/** Options of {@link createMatcher}. */
export interface MatcherOptions {
  /** Worker threads; 0 answers in the calling thread. Default: all processors. */
  readonly threads?: number;
}

/** Opens the matching engine. Threads start with the first request, or the warm-up, and do not keep the process alive. */
export function createMatcher({ threads = availableParallelism() }: MatcherOptions = {}): PointMatcher {
  const pool = threads === 0 ? undefined : new PoolRunner(threads);
  const runner = pool ?? createLocalRunner();
  const poses = new KeptPoses((query, target) =>
    pool === undefined ? findPose(query, target) : pool.pose(query, target),
  );
  return {
    matchPoints: (request) => matchWith(runner, request),
    deformation: (request) => deformationWith(runner, request),
    similarity: (request) => similarityWith(runner, request),
    findPose: (request) => poses.get(request),
    previewPoints: (request) => (pool === undefined ? previewPoints(request) : pool.preview(request)),
    warmUp: async () => {
      for (let n = 0; n < WARM_UPS; n++) await matchWith(runner, warmUpRequest());
    },
    close: async () => {
      await pool?.close();
    },
  };
}

const local = createLocalRunner();

/** Matches in the calling thread: for one-shot commands and tests. */
export function matchPoints(request: MatchRequest): Promise<readonly PointOutcome[]> {
  return matchWith(local, request);
}
