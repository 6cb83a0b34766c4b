/** Where a series looks like one point of another. @module */
export { similarityWith } from './similarityWith.ts';
