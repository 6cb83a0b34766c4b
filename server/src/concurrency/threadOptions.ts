/**
 * V8 lets the young generation of a thread grow to 134 MB (Node 24), and gives nothing back while the thread has little to do: a few
 * threads would keep more memory than all embeddings. Three semi-spaces of 16 MB, as in earlier versions of V8, collect as fast.
 */
const YOUNG_GENERATION_MB = 48;

/** Options of a worker thread that every thread of the server has. */
interface ThreadOptions {
  /** No variables: no thread needs one, and they hold secrets. */
  readonly env: NodeJS.ProcessEnv;
  readonly resourceLimits: {
    readonly maxYoungGenerationSizeMb: number;
    readonly maxOldGenerationSizeMb?: number;
  };
}

/** @param heapMb limit of the JavaScript heap, MiB; arrays of bytes are not in it. V8's own where it is absent. */
export function threadOptions(heapMb?: number): ThreadOptions {
  return {
    env: {},
    resourceLimits: {
      maxYoungGenerationSizeMb: YOUNG_GENERATION_MB,
      ...(heapMb === undefined ? {} : { maxOldGenerationSizeMb: heapMb }),
    },
  };
}
