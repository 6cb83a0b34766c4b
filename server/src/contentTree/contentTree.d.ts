import type { Code } from './codes.ts';
import type { Dataset } from '../documents/index.ts';
/** Why a part of a document cannot be read; caught where the document is read as a whole. */
export declare class Unreadable extends Error {
}
/** True when the item's concept name is this code; meanings may differ (PS3.3 8.3). */
export declare function isNamed(item: Dataset, [value, scheme]: Code): boolean;
/** The first child of that name. */
export declare function child(parent: Dataset, name: Code): Dataset | undefined;
/** The first child of that name. @throws Unreadable when there is none */
export declare function required(parent: Dataset, name: Code): Dataset;
/** Text of the TEXT item of that name. @throws Unreadable */
export declare function textOfItem(parent: Dataset, name: Code): string;
/** UID of the UIDREF item of that name. @throws Unreadable */
export declare function uidOf(parent: Dataset, name: Code): string;
/** Code value of the CODE item of that name. @throws Unreadable */
export declare function codeOf(parent: Dataset, name: Code): string;
/** A finite number from text. @throws Unreadable */
export declare function numberFrom(text: string, name: Code): number;
/** Value of a NUM item: the exact one where it is given, else the decimal string. @throws Unreadable */
export declare function measuredValue(item: Dataset): number;
/** A code value has at most 16 characters (PS3.5 6.2, SH); a longer text is none, and no text for a log. */
export declare function shown(value: string): string;
