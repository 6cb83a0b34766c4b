import type { Registry } from './registry.ts';
import type { StoreInto } from './types.ts';

/** What the routes work with. */
export interface RouterContext {
  readonly registry: Registry;
  readonly store: StoreInto;
  readonly maxStoreBytes: number;
}
