/**
 * Graphics that a document repeats.
 * @module
 */
import type { Shape } from './types.ts';
/** Shapes without those that are equal to an earlier one: of the same image or frame of reference, at the same place, of the same size. */
export declare function distinct(shapes: readonly Shape[]): readonly Shape[];
