import { withoutTrailing } from '../dicom/index.ts';
import { pacsFetch } from './fetch.ts';
import { Negotiation } from './negotiation.ts';

/** How to reach a PACS. Only `root` is required. */
export interface DicomwebClientOptions {
  /** Root of the DICOMweb service: QIDO-RS, WADO-RS and STOW-RS below one URL, e.g. `http://pacs:8042/dicom-web`. */
  readonly root: string;
  /** Root of QIDO-RS where it is another one. */
  readonly qidoRoot?: string | undefined;
  /** Root of WADO-RS where it is another one. */
  readonly wadoRoot?: string | undefined;
  /** Root of STOW-RS where it is another one. */
  readonly stowRoot?: string | undefined;
  /** The HTTP client; that of `fetch.ts` by default. */
  readonly fetch?: typeof globalThis.fetch;
  /** Authorization header of the server itself, used where the request of the caller brings none. */
  readonly authorization?: string;
  /** How long the PACS may send nothing before the request counts as stalled, in ms. */
  readonly timeoutMs?: number;
  /**
   * Slowest answer that is waited for, in bytes per second over a stretch of waiting of `timeoutMs`; 0 waits for any.
   */
  readonly minBytesPerSecond?: number;
  /** How long the retrieval of a series may last in all, retries included, in ms. */
  readonly seriesTimeoutMs?: number;
  /** Largest answer to one retrieval, in bytes, envelope included. */
  readonly maxSeriesBytes?: number;
  /** How often a request is sent again after a failure that may pass. */
  readonly retries?: number;
  /** Pause before the first retry, in ms; doubles with each one. */
  readonly backoffMs?: number;
  /** Waits between retries; must reject when the signal aborts. */
  readonly sleep?: (ms: number, signal?: AbortSignal) => Promise<void>;
  /** In [0, 1): spreads the retries of several clients. */
  readonly random?: () => number;
}

/** A PACS that reads a large study from tape or cold storage may need a while for its first byte. */
const DEFAULT_TIMEOUT_MS = 60_000;
/** 0.08 Mbit/s: a chest CT of 60 MB would need 100 minutes. No link between a PACS and its reading room is that slow. */
const DEFAULT_MIN_BYTES_PER_SECOND = 10_000;
/** 15 minutes: 900 MB, a CT of 1,700 slices, at 1 MB/s. */
const DEFAULT_SERIES_TIMEOUT_MS = 900_000;
/** 4 GiB: an 8,000-slice CT at 512 x 512 x 16 bit; a guard against an endless answer, not a working limit. */
const DEFAULT_MAX_SERIES_BYTES = 4 * 1024 ** 3;
/** With the back-off below, four tries span about four seconds: a proxy's reload, not an outage. */
const DEFAULT_RETRIES = 3;
/** First pause; long enough for a dropped connection to be reopened, short enough not to be felt. */
const DEFAULT_BACKOFF_MS = 500;
/** 64 MiB: a list of 30,000 instances at 2 kB each, or the metadata of 3,000 at 20 kB. */
export const MAX_JSON_BYTES = 64 * 1024 ** 2;
/** 1 MiB: the answer to a store, some hundred bytes per instance. */
export const MAX_STORE_ANSWER_BYTES = 1024 ** 2;

type Roots = 'root' | 'qidoRoot' | 'wadoRoot' | 'stowRoot';

/** The options with every default filled in. */
export type Transport = Required<Omit<DicomwebClientOptions, 'authorization' | Roots>> &
  Pick<DicomwebClientOptions, 'authorization'> & {
    /** The root of each service, without a slash at its end. */
    readonly roots: { readonly qido: string; readonly wado: string; readonly stow: string };
    /** What this PACS has accepted so far. */
    readonly negotiation: Negotiation;
  };

/** Fills in the defaults and removes a trailing slash from the roots. */
export function resolveOptions(options: DicomwebClientOptions): Transport {
  const { root, qidoRoot = root, wadoRoot = root, stowRoot = root, ...others } = options;
  return {
    fetch: pacsFetch,
    timeoutMs: DEFAULT_TIMEOUT_MS,
    minBytesPerSecond: DEFAULT_MIN_BYTES_PER_SECOND,
    seriesTimeoutMs: DEFAULT_SERIES_TIMEOUT_MS,
    maxSeriesBytes: DEFAULT_MAX_SERIES_BYTES,
    retries: DEFAULT_RETRIES,
    backoffMs: DEFAULT_BACKOFF_MS,
    sleep,
    random: () => Math.random(),
    ...others,
    roots: {
      qido: withoutTrailing(qidoRoot, '/'),
      wado: withoutTrailing(wadoRoot, '/'),
      stow: withoutTrailing(stowRoot, '/'),
    },
    negotiation: new Negotiation(),
  };
}

/** Resolves after `ms`, or rejects with the reason of the signal as soon as it aborts. */
async function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  signal?.throwIfAborted();
  await new Promise<void>((resolve, reject) => {
    const onAbort = (): void => {
      clearTimeout(timer);
      // The reason is the caller's own value and is handed back unchanged.
      // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    }, ms);
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}
