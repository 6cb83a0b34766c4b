/** What dicom-parser 1.8.21 has and its own declarations lack. */
import type {
  ByteArray,
  ByteArrayParser,
  DataSet as DataSetType,
  Element as ElementType,
} from 'dicom-parser';

declare module 'dicom-parser' {
  export interface DataSet {
    /** After `readPart10Header`: where the data set begins. */
    readonly position?: number;
  }
  export interface Element {
    /** Text in place of the bytes. */
    Value?: string;
  }
  export const DataSet: new (
    parser: ByteArrayParser,
    bytes: ByteArray,
    elements: Record<string, ElementType>,
  ) => DataSetType;
}
