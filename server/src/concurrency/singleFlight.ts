/**
 * Joins concurrent callers on one piece of work. Ten radiologists who open the same study cost one embedding.
 *
 * The work runs until it ends or until the last caller has aborted; then it is aborted. A caller who comes after that
 * starts a new flight, never joins the aborted one.
 * @module
 */

/** The work of a flight: `report` reaches every caller on board. */
export type FlightWork<Result, Progress> = (
  signal: AbortSignal,
  report: (progress: Progress) => void,
) => Promise<Result>;

/** What one caller gives to the flight. */
export interface Passenger<Progress> {
  /** Ends the wait of this caller; the others stay on board. */
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
}

interface Flight<Result, Progress> {
  readonly result: Promise<Result>;
  readonly passengers: Set<Passenger<Progress>>;
  readonly abort: (reason: unknown) => void;
}

/** Flights by key. `Result` is shared by all callers of a flight: it must be immutable. */
export class SingleFlight<Result, Progress> {
  readonly #flights = new Map<string, Flight<Result, Progress>>();

  /** True while work with this key is on its way. */
  has(key: string): boolean {
    return this.#flights.has(key);
  }

  /** Joins the flight with this key, or starts it. Rejects with the reason of `signal` when this caller aborts. */
  async join(
    key: string,
    work: FlightWork<Result, Progress>,
    passenger: Passenger<Progress> = {},
  ): Promise<Result> {
    passenger.signal?.throwIfAborted();
    const flight = this.#flights.get(key) ?? this.#start(key, work);
    return this.#board(key, flight, { ...passenger });
  }

  #start(key: string, work: FlightWork<Result, Progress>): Flight<Result, Progress> {
    const controller = new AbortController();
    const passengers = new Set<Passenger<Progress>>();
    const report = (progress: Progress): void => {
      for (const passenger of passengers) passenger.onProgress?.(progress);
    };
    // Starts in the next microtask, when its first passenger is on board and hears every report.
    const result = Promise.resolve().then(() => work(controller.signal, report));
    const flight: Flight<Result, Progress> = {
      result,
      passengers,
      abort: (reason) => {
        controller.abort(reason);
      },
    };
    this.#flights.set(key, flight);
    const land = (): void => {
      this.#remove(key, flight);
    };
    result.then(land, land);
    return flight;
  }

  #remove(key: string, flight: Flight<Result, Progress>): void {
    if (this.#flights.get(key) === flight) this.#flights.delete(key);
  }

  #board(key: string, flight: Flight<Result, Progress>, passenger: Passenger<Progress>): Promise<Result> {
    const { signal } = passenger;
    flight.passengers.add(passenger);
    return new Promise<Result>((resolve, reject) => {
      const abort = (): void => {
        flight.passengers.delete(passenger);
        if (flight.passengers.size === 0) {
          this.#remove(key, flight);
          flight.abort(signal?.reason);
        }
        // The reason is the caller's own value and is handed back unchanged.
        // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors
        reject(signal?.reason);
      };
      const stopListening = (): void => {
        signal?.removeEventListener('abort', abort);
      };
      signal?.addEventListener('abort', abort, { once: true });
      flight.result.then(resolve, reject);
      flight.result.then(stopListening, stopListening);
    });
  }
}
