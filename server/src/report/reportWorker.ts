/**
 * Runs in a worker thread: the bytes of an SR in, its pairs out.
 * @module
 */
import { answering } from '../concurrency/index.ts';
import { readReport } from './readReport.ts';

export default answering((part10: Uint8Array) => readReport(part10));
