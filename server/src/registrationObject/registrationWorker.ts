/**
 * Runs in a worker thread: the bytes of a registration object in, what it says out.
 * @module
 */
import { answering } from '../concurrency/index.ts';
import { readRegistration } from './readRegistration.ts';

export default answering((part10: Uint8Array) => readRegistration(part10));
