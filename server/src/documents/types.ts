/** DICOM JSON attributes (PS3.18 F.2) of one instance: tag to `{vr, Value}`. */
export type InstanceAttributes = Readonly<
  Record<string, { readonly vr: string; readonly Value?: readonly unknown[] }>
>;

/** A report or another object ready to be stored in the current study, in a series of its own. */
export interface BuiltReport {
  /** The complete Part 10 file. */
  readonly part10: Uint8Array;
  readonly studyInstanceUid: string;
  readonly seriesInstanceUid: string;
  readonly sopInstanceUid: string;
}
