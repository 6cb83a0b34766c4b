/**
 * Finding content items by their concept name in a document tree that somebody else may have written or changed.
 * @module
 */
import { itemsOf, numberOf, stringOf } from '../dicom/index.ts';
import type { Code } from './codes.ts';
import type { Dataset } from '../documents/index.ts';

/** Why a part of a document cannot be read; caught where the document is read as a whole. */
export class Unreadable extends Error {}

/** True when the item's concept name is this code; meanings may differ (PS3.3 8.3). */
export function isNamed(item: Dataset, [value, scheme]: Code): boolean {
  const [name] = itemsOf(item, 'ConceptNameCodeSequence');
  return (
    name !== undefined &&
    stringOf(name, 'CodeValue') === value &&
    stringOf(name, 'CodingSchemeDesignator') === scheme
  );
}

/** The first child of that name. */
export function child(parent: Dataset, name: Code): Dataset | undefined {
  return itemsOf(parent, 'ContentSequence').find((item) => isNamed(item, name));
}

/** The first child of that name. @throws Unreadable when there is none */
export function required(parent: Dataset, name: Code): Dataset {
  const item = child(parent, name);
  if (item === undefined) throw new Unreadable(`"${name[2]}" is missing`);
  return item;
}

/** Text of the TEXT item of that name. @throws Unreadable */
export function textOfItem(parent: Dataset, name: Code): string {
  return given(stringOf(required(parent, name), 'TextValue'), name);
}

/** UID of the UIDREF item of that name. @throws Unreadable */
export function uidOf(parent: Dataset, name: Code): string {
  return given(stringOf(required(parent, name), 'UID'), name);
}

/** Code value of the CODE item of that name. @throws Unreadable */
export function codeOf(parent: Dataset, name: Code): string {
  const [code] = itemsOf(required(parent, name), 'ConceptCodeSequence');
  return given(code && stringOf(code, 'CodeValue'), name);
}

/** A finite number from text. @throws Unreadable */
export function numberFrom(text: string, name: Code): number {
  const number = Number(text);
  if (text.trim() === '' || !Number.isFinite(number)) throw new Unreadable(`"${name[2]}" is no number`);
  return number;
}

/** Value of a NUM item: the exact one where it is given, else the decimal string. @throws Unreadable */
export function measuredValue(item: Dataset): number {
  const [measured = {}] = itemsOf(item, 'MeasuredValueSequence');
  const value = numberOf(measured, 'FloatingPointValue') ?? numberOf(measured, 'NumericValue');
  if (value === undefined) throw new Unreadable('a measurement has no value');
  return value;
}

function given(value: string | undefined, name: Code): string {
  if (value === undefined) throw new Unreadable(`"${name[2]}" is empty`);
  return value;
}

/** A code value has at most 16 characters (PS3.5 6.2, SH); a longer text is none, and no text for a log. */
export function shown(value: string): string {
  return value.length <= 16 ? value : 'a long text';
}
