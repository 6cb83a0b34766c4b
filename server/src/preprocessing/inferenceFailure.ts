import type { WorkerFailure } from './types.ts';

/** A failure that the server turns into the catalogue error of the same code. */
export class InferenceFailure extends Error {
  readonly failure: WorkerFailure;

  constructor(failure: WorkerFailure, options?: ErrorOptions) {
    super(failure.code, options);
    this.failure = failure;
  }
}
