import type { Keyword } from '../dicom/index.ts';
import type { Dataset } from '../documents/index.ts';
import type { CodedConcept } from './codes.ts';
/** One line of at most {@link MAX_TEXT} characters; undefined where nothing is left. */
export declare function lineOf(text: string | undefined): string | undefined;
/** A UID of the data set, where it is one. */
export declare function uidIn(dataset: Dataset, keyword: Keyword): string | undefined;
/** The first item of a code sequence; undefined where it has no value or meaning. */
export declare function conceptIn(dataset: Dataset, keyword: Keyword): CodedConcept | undefined;
