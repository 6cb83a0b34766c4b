import type { Random } from '../random.ts';

/** One input of the product for untrusted bytes. */
export interface Target {
  readonly name: string;
  /** Share of the inputs of a run; 1 where omitted. */
  readonly weight?: number;
  /** An input, from valid ones: the same for the same choices. */
  make(random: Random): Promise<Uint8Array> | Uint8Array;
  /** Reads it as the product does. What it throws is a finding, unless it is an error of the catalogue. */
  run(input: Uint8Array): unknown;
}
