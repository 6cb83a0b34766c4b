/**
 * The earlier studies of a patient, and which of their series suit a comparison.
 * @module
 */
export { listPriors } from './priorList.ts';
export { searchPages } from './pages.ts';
