import { withoutTrailing } from '../dicom/index.ts';
import { pacsFetch } from '../dicomweb/index.ts';

/** Whether a PACS answers at all. */
export interface Reachability {
  /** True for every answer of HTTP below 500: without a login most PACS answer 401. */
  readonly isReachable: boolean;
  /** Status of HTTP; undefined where there was no answer. */
  readonly status?: number;
  /** Why there was none: a code of the system such as ECONNREFUSED, no address. */
  readonly reason?: string;
}

/** How to look. */
export interface ReachabilityOptions {
  readonly fetch?: typeof globalThis.fetch;
  readonly authorization?: string | undefined;
  /** The answer is waited for this long, ms. */
  readonly timeoutMs: number;
}

/** A study that does not exist: the answer holds no patient. */
const NO_STUDY = '2.25.0';
const FIRST_FAILURE = 500;
/** Causes of causes that are looked at. */
const MAX_CAUSES = 4;

/** The code of the system that a failed fetch has as its cause, or of its cause. */
function reasonOf(error: unknown, depth = 0): string {
  const { code, cause } = Object(error) as { readonly code?: unknown; readonly cause?: unknown };
  if (typeof code === 'string') return code;
  return cause === undefined || depth >= MAX_CAUSES ? 'the connection failed' : reasonOf(cause, depth + 1);
}

/** Searches a root of QIDO-RS for a study that does not exist, and says whether an answer came. Never fails. */
export async function reachabilityOf(qidoRoot: string, options: ReachabilityOptions): Promise<Reachability> {
  const { fetch = pacsFetch, authorization, timeoutMs } = options;
  const url = `${withoutTrailing(qidoRoot, '/')}/studies?StudyInstanceUID=${NO_STUDY}&limit=1`;
  const headers = {
    Accept: 'application/dicom+json',
    ...(authorization && { Authorization: authorization }),
  };
  const signal = AbortSignal.timeout(timeoutMs);
  try {
    const { status, body } = await fetch(url, { headers, signal, redirect: 'manual' });
    await body?.cancel();
    return { isReachable: status < FIRST_FAILURE, status };
  } catch (error) {
    return { isReachable: false, reason: signal.aborted ? 'no answer in time' : reasonOf(error) };
  }
}
