/**
 * The content of structured reports (PS3.3 C.17.3): coded concepts; content items written, found by their concept names, and read.
 * @module
 */
export { CODES, OWN_CODES, PRIVATE_SCHEME } from './codes.ts';
export type { Code, CodedConcept } from './codes.ts';
export { codedItem, containerItem, contentTemplate, imageItem, numericItem, personNameItem, polylineItem, textItem, uidItem, } from './contentItems.ts';
export { child, codeOf, isNamed, measuredValue, numberFrom, required, shown, textOfItem, uidOf, Unreadable, } from './contentTree.ts';
export { conceptIn, lineOf, uidIn } from './texts.ts';
