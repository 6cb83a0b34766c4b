/**
 * Runs in a worker thread: the bytes of a document in, its findings out.
 * @module
 */
import { answering } from '../concurrency/index.ts';
import { readFindings } from './readFindings.ts';

export default answering((part10: Uint8Array) => readFindings(part10));
