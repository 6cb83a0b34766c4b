/**
 * The little of the Emscripten codecs of @cornerstonejs that Samepoint uses; the packages ship no types.
 * Buffers that a coder returns are views of its WebAssembly memory: valid until `delete()` or the next call.
 */
interface CodecModuleOptions {
  print?: (line: string) => void;
  printErr?: (line: string) => void;
}

interface CodecFrameInfo {
  readonly width: number;
  readonly height: number;
  readonly bitsPerSample: number;
  readonly componentCount: number;
  readonly isSigned?: boolean;
  readonly isUsingColorTransform?: boolean;
}

interface CodecDecoder {
  /** Buffer of the given size for the code stream. */
  getEncodedBuffer(length: number): Uint8Array;
  getDecodedBuffer(): Uint8Array;
  decode(): void;
  getFrameInfo(): CodecFrameInfo;
  delete(): void;
}

/** A decoder of JPEG 2000. */
interface LevelDecoder extends CodecDecoder {
  /** Omits the finest resolution levels; {@link CodecDecoder.getFrameInfo} has the size of the whole image all the same. */
  decodeSubResolution(level: number, layers: number): void;
}

interface CodecEncoder {
  getDecodedBuffer(info: CodecFrameInfo): Uint8Array;
  getEncodedBuffer(): Uint8Array;
  encode(): void;
  delete(): void;
}

declare module '@cornerstonejs/codec-charls/decodewasmjs' {
  interface CharlsModule {
    readonly JpegLSDecoder: new () => CodecDecoder;
    /** Text of an exception, which CharLS throws as a number. */
    getExceptionMessage(exception: number): string;
  }
  export default function createCharls(options?: CodecModuleOptions): Promise<CharlsModule>;
}

declare module '@cornerstonejs/codec-charls/wasmjs' {
  interface CharlsModule {
    readonly JpegLSEncoder: new () => CodecEncoder & { setNearLossless(maxError: number): void };
  }
  export default function createCharls(options?: CodecModuleOptions): Promise<CharlsModule>;
}

declare module '@cornerstonejs/codec-openjpeg/decodewasmjs' {
  interface OpenjpegModule {
    readonly J2KDecoder: new () => LevelDecoder;
  }
  export default function createOpenjpeg(options?: CodecModuleOptions): Promise<OpenjpegModule>;
}

declare module '@cornerstonejs/codec-openjpeg/wasmjs' {
  interface OpenjpegModule {
    readonly J2KEncoder: new () => CodecEncoder & { setQuality(lossless: boolean, quality: number): void };
  }
  export default function createOpenjpeg(options?: CodecModuleOptions): Promise<OpenjpegModule>;
}

declare module '@cornerstonejs/codec-openjph/wasmjs' {
  interface OpenjphModule {
    readonly HTJ2KDecoder: new () => LevelDecoder & {
      getIsHeaderValid(): boolean;
      getLastErrorMessage(): string;
    };
    readonly HTJ2KEncoder: new () => CodecEncoder & { setQuality(lossless: boolean, quality: number): void };
  }
  export default function createOpenjph(options?: CodecModuleOptions): Promise<OpenjphModule>;
}
