/** Where a point probably lies, by a prior and by the similarity of what is there. @module */
export { expectedBetweenPatients } from './betweenPatients.ts';
export { posteriorAt } from './posterior.ts';
