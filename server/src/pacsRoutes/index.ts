/**
 * One PACS or several as one source: which of them a request goes to, and whether it answers.
 * @module
 */
export { withCircuit } from './circuit.ts';
export { reachabilityOf } from './reachability.ts';
export { routedSource, withRules } from './routed.ts';
