/** Answers of matching that were computed before a reader requested them. @module */
export { createKeptMatches } from './keptMatches.ts';
