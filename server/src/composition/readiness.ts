/**
 * Whether the server can serve requests now: a model is open, the inference process has not just failed, a PACS answers, and the
 * server is not being stopped. The PACS is looked at on request, at most once in ten seconds.
 * @module
 */
import type { Embedder } from '../embedding/index.ts';
import { isSamepointError } from '../errors/index.ts';
import type { Readiness, ReadinessReport } from '../exchange/index.ts';

type Reason = ReadinessReport['reasons'][number];

/** How the model is. */
export type ModelState = 'opening' | 'open' | 'failed' | 'missing';

/** Looks whether one PACS answers. */
export interface SourceProbe {
  /** The name that the configuration gives it. */
  readonly name: string;
  probe(): Promise<boolean>;
}

/** What readiness depends on. */
export interface ReadinessParts {
  readonly shutdown: AbortSignal;
  readonly model: () => ModelState;
  readonly sources: readonly SourceProbe[];
  readonly monotonic: () => number;
  /** What is shared with other processes; nothing where absent. */
  readonly shared?: readonly SharedProbe[];
}

/** Looks at something that servers and workers share: what is wrong with it, where something is. */
export interface SharedProbe {
  readonly probe: () => Promise<Reason | undefined>;
  /** Without it nothing can be served. */
  readonly isNeeded: boolean;
}

/** Longer than the pause between two looks of a load balancer, shorter than a reader waits. */
const PROBED_FOR_MS = 10_000;
/** What is shared is near, and is looked at more often, ms. */
const SHARED_PROBED_FOR_MS = 1_000;

const MODEL_REASONS: Readonly<Record<Exclude<ModelState, 'open'>, Reason>> = {
  opening: { code: 'health/model-opening', message: 'the model is being opened' },
  failed: {
    code: 'health/inference-failed',
    message: 'the model cannot be run: the log, and "samepoint doctor", say why',
  },
  missing: { code: 'health/no-model', message: 'no model could be loaded' },
};

const STOPPING: Reason = { code: 'health/stopping', message: 'the server is being stopped' };

function unreachable(name: string): Reason {
  return { code: 'health/pacs-unreachable', message: `the PACS "${name}" does not answer` };
}

/** One look at a time, remembered for a while. */
function remembered<T>(
  probe: () => Promise<T>,
  monotonic: () => number,
  forMs = PROBED_FOR_MS,
): () => Promise<T> {
  let last: { readonly at: number; readonly result: Promise<T> } | undefined;
  return () => {
    if (last === undefined || monotonic() - last.at > forMs) last = { at: monotonic(), result: probe() };
    return last.result;
  };
}

/** Readiness of a server. With several PACS one that answers is enough; the others are named. */
export function createReadiness({
  shutdown,
  model,
  sources,
  monotonic,
  shared = [],
}: ReadinessParts): Readiness {
  const probes = sources.map((source) => ({
    name: source.name,
    probe: remembered(() => source.probe(), monotonic),
  }));
  const sharedProbes = shared.map(({ probe, isNeeded }) => ({
    isNeeded,
    probe: remembered(probe, monotonic, SHARED_PROBED_FOR_MS),
  }));
  return async () => {
    const found = await Promise.all(
      sharedProbes.map(async ({ probe, isNeeded }) => ({ isNeeded, reason: await probe() })),
    );
    const wrong = found.filter(({ reason }) => reason !== undefined);
    const looks = await Promise.all(
      probes.map(async ({ name, probe }) => ({ name, isReachable: await probe() })),
    );
    const silent = looks.filter(({ isReachable }) => !isReachable);
    const state = model();
    const reasons = [
      ...(shutdown.aborted ? [STOPPING] : []),
      ...(state === 'open' ? [] : [MODEL_REASONS[state]]),
      ...silent.map(({ name }) => unreachable(name)),
      ...wrong.flatMap(({ reason }) => reason ?? []),
    ];
    const hasPacs = looks.length === 0 || silent.length < looks.length;
    const hasShared = !wrong.some(({ isNeeded }) => isNeeded);
    return { isReady: !shutdown.aborted && state === 'open' && hasPacs && hasShared, reasons };
  };
}

/** Errors after which the process, not the series, is to blame. */
const PROCESS_ERRORS: ReadonlySet<string> = new Set([
  'embedding/inference-crashed',
  'embedding/model-corrupt',
]);

/** An embedder whose state is known. */
export interface WatchedEmbedder {
  readonly embedder: Embedder;
  readonly state: () => ModelState;
}

/**
 * Follows what becomes of a model. After a crash it is opened again in the background at each request for the state: without
 * requests nothing else would show that it runs again.
 * @param isInstalled false where no model could be loaded
 */
export function watchEmbedder(
  embedder: Embedder,
  isInstalled: boolean,
  modelId: string | undefined,
): WatchedEmbedder {
  let state: ModelState = isInstalled ? 'opening' : 'missing';
  let reopening: Promise<unknown> | undefined;
  const followed = async <T>(work: Promise<T>): Promise<T> => {
    try {
      const result = await work;
      state = 'open';
      return result;
    } catch (error) {
      if (isSamepointError(error) && PROCESS_ERRORS.has(error.code)) state = 'failed';
      throw error;
    }
  };
  const open = (id?: string): ReturnType<Embedder['openModel']> => {
    const opening = followed(embedder.openModel(id));
    return opening.catch((error: unknown) => {
      state = 'failed';
      throw error;
    });
  };
  return {
    embedder: {
      embed: (...args) => followed(embedder.embed(...args)),
      embedTurned: (...args) => followed(embedder.embedTurned(...args)),
      openModel: open,
      get executionProvider() {
        return embedder.executionProvider;
      },
      close: () => embedder.close(),
    },
    state() {
      if (state === 'failed')
        reopening ??= open(modelId)
          .catch(() => undefined)
          .finally(() => {
            reopening = undefined;
          });
      return state;
    },
  };
}
