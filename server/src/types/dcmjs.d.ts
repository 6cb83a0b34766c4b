/**
 * The little of dcmjs 0.52 that Samepoint uses; the package ships no types. Kept narrow on purpose: a function that is not
 * declared here has not been checked by us.
 */
declare module 'dcmjs' {
  /** One element as dcmjs reads it: close to the DICOM JSON model, but binary values are ArrayBuffers. */
  export interface DcmjsElement {
    vr: string;
    Value?: unknown;
  }

  /** Tag (8 upper-case hex digits) to element. */
  export type DcmjsDict = Record<string, DcmjsElement>;

  /** Keyword to value, as `DicomMetaDictionary` naturalizes it. */
  export type DcmjsDataset = Record<string, unknown>;

  export interface ReadOptions {
    ignoreErrors?: boolean;
    /** Stop before this tag (8 upper-case hex digits). dcmjs puts an element without a vr in its place. */
    untilTag?: string;
    includeUntilTagValue?: boolean;
    /** Binary values as views of the input instead of copies. */
    noCopy?: boolean;
  }

  export interface WriteOptions {
    allowInvalidVRLength?: boolean;
    fragmentMultiframe?: boolean;
  }

  export interface DicomDict {
    meta: DcmjsDict;
    dict: DcmjsDict;
    write(options?: WriteOptions): ArrayBuffer;
  }

  interface DicomMessage {
    readFile(buffer: ArrayBuffer, options?: ReadOptions): DicomDict;
  }

  interface DicomMetaDictionary {
    naturalizeDataset(dict: DcmjsDict): DcmjsDataset;
    denaturalizeDataset(dataset: DcmjsDataset): DcmjsDict;
    namifyDataset(dict: DcmjsDict): DcmjsDataset;
    /** Keyword to its dictionary entry; `tag` is written `(0010,0010)`. */
    readonly nameMap: Readonly<
      Record<string, { readonly tag: string; readonly vr: string; readonly name: string } | undefined>
    >;
  }

  const dcmjs: {
    readonly data: {
      readonly DicomDict: new (meta: DcmjsDict) => DicomDict;
      readonly DicomMessage: DicomMessage;
      readonly DicomMetaDictionary: DicomMetaDictionary;
    };
    readonly log: { setLevel(level: string): void };
  };
  export default dcmjs;
}
