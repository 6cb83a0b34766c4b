/**
 * Runs in a worker thread: a Part 10 file in, its identity and metadata out.
 * @module
 */
import { answering } from '../concurrency/index.ts';
import { readInstance } from './dataset.ts';

export default answering((part10: Uint8Array) => readInstance(part10));
