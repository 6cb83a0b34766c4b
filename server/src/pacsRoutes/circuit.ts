/**
 * A PACS that has not answered several times in a row is not waited for again: for some seconds requests to it fail at once, then one
 * is sent, and the others follow when it has been answered. A reader of other PACS, and a list of several, do not wait for it.
 * @module
 */
import { isSamepointError, SamepointError } from '../errors/index.ts';
import type { DicomwebSource } from '../dicomweb/types.ts';

/** How a circuit opens and closes. */
export interface CircuitOptions {
  /** Failures in a row after which it opens. */
  readonly failures?: number;
  /** How long it stays open, ms. */
  readonly openMs?: number;
  /** Milliseconds of a monotonic clock. */
  readonly monotonic: () => number;
}

/** One broken connection is retried by the client itself; three requests that failed with their retries are an outage. */
const FAILURES = 3;
/** A restart of a PACS lasts longer, a reader who tries again has waited about as long. */
const OPEN_MS = 10_000;

/** What says that the PACS is not there; everything else is an answer. */
const OUTAGES = ['dicomweb/unreachable', 'dicomweb/timeout'] as const;

class Circuit {
  readonly #options: Required<CircuitOptions>;
  #failures = 0;
  /** When the next request may be sent, ms; requests are sent where it is over. */
  #closedUntilMs = -Infinity;

  constructor({ failures = FAILURES, openMs = OPEN_MS, monotonic }: CircuitOptions) {
    this.#options = { failures, openMs, monotonic };
  }

  /** @throws SamepointError `dicomweb/unreachable` while the circuit is open */
  enter(operation: string): void {
    const { failures, openMs, monotonic } = this.#options;
    if (this.#failures < failures) return;
    const nowMs = monotonic();
    if (nowMs < this.#closedUntilMs) {
      const reason = `it has not answered ${this.#failures} times in a row; it is tried again in some seconds`;
      throw new SamepointError('dicomweb/unreachable', { operation, reason });
    }
    // This request tries; those beside it wait for what becomes of it.
    this.#closedUntilMs = nowMs + openMs;
  }

  answered(): void {
    this.#failures = 0;
  }

  failed(error: unknown): void {
    if (!OUTAGES.some((code) => isSamepointError(error, code))) {
      // A caller who has gone says nothing about the PACS; an error of DICOMweb is an answer.
      if (isSamepointError(error)) this.answered();
      return;
    }
    const { failures, openMs, monotonic } = this.#options;
    this.#failures += 1;
    if (this.#failures >= failures) this.#closedUntilMs = monotonic() + openMs;
  }

  async guard<T>(operation: string, work: () => Promise<T>): Promise<T> {
    this.enter(operation);
    try {
      const result = await work();
      this.answered();
      return result;
    } catch (error) {
      this.failed(error);
      throw error;
    }
  }

  async *guardParts<T>(operation: string, parts: () => AsyncIterable<T>): AsyncGenerator<T, void, undefined> {
    this.enter(operation);
    try {
      for await (const part of parts()) {
        this.answered();
        yield part;
      }
    } catch (error) {
      this.failed(error);
      throw error;
    }
  }
}

/** A PACS behind a circuit of its own. */
export function withCircuit(source: DicomwebSource, options: CircuitOptions): DicomwebSource {
  const circuit = new Circuit(options);
  const guarded = <A extends unknown[], T>(operation: string, call: (...args: A) => Promise<T>) => {
    return (...args: A): Promise<T> => circuit.guard(operation, () => call(...args));
  };
  return {
    searchStudies: guarded('QIDO-RS search studies', (...args) => source.searchStudies(...args)),
    searchSeries: guarded('QIDO-RS search series', (...args) => source.searchSeries(...args)),
    searchInstances: guarded('QIDO-RS search instances', (...args) => source.searchInstances(...args)),
    retrieveSeriesMetadata: guarded('WADO-RS metadata', (...args) => source.retrieveSeriesMetadata(...args)),
    retrieveInstanceMetadata: guarded('WADO-RS metadata', (...args) =>
      source.retrieveInstanceMetadata(...args),
    ),
    retrieveSeries: (...args) =>
      circuit.guardParts('WADO-RS retrieve series', () => source.retrieveSeries(...args)),
    probeInstance: guarded('WADO-RS retrieve instance', (...args) => source.probeInstance(...args)),
    retrieveInstance: guarded('WADO-RS retrieve instance', (...args) => source.retrieveInstance(...args)),
    storeInstances: guarded('STOW-RS store', (...args) => source.storeInstances(...args)),
  };
}
