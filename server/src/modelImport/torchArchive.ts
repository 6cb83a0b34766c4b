import type { PickleValue, Storage } from './values.ts';

/** A pickled value and the storages that it refers to. */
export interface TorchArchive {
  readonly value: PickleValue;
  /** All bytes of a storage. */
  readStorage(storage: Storage): Promise<Uint8Array>;
}
