/** How stored pixel values are laid out and what they mean (PS3.3 C.7.6.3 Image Pixel, C.11.1 Modality LUT). */
export interface PixelFormat {
  readonly columns: number;
  readonly rows: number;
  readonly bitsAllocated: 8 | 16;
  readonly bitsStored: number;
  readonly highBit: number;
  /** PixelRepresentation 1: two's complement of bitsStored bits. */
  readonly isSigned: boolean;
  /** RescaleSlope and RescaleIntercept: modality value = stored * slope + intercept. */
  readonly slope: number;
  readonly intercept: number;
  /** Stored values that are not image (PixelPaddingValue to PixelPaddingRangeLimit), and the modality value put there. */
  readonly padding?: { readonly low: number; readonly high: number; readonly value: number };
}

/** One frame as it lies in the Part 10 file. */
export interface EncodedFrame {
  readonly transferSyntaxUid: string;
  /** Encapsulated syntaxes: the code stream of this frame; native ones: its rows * columns cells. */
  readonly bytes: Uint8Array;
  /** Native pixel data whose 16-bit words are big endian. */
  readonly bigEndianWords: boolean;
  readonly format: PixelFormat;
  /**
   * Finest resolution levels that are not wanted, each halves columns and rows (rounded up): value n of a row or column lies where
   * value 2^level n of the whole frame lies. Default 0.
   */
  readonly level?: number;
}
