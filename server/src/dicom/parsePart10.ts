/**
 * Part 10 bytes to a data set of dicom-parser, with limits. Everything that Samepoint parses with that package goes through
 * here, so that one place knows how it fails: it throws texts, errors, and objects around another exception.
 * @module
 */
import dicomParser from 'dicom-parser';
import type { ByteArrayParser, DataSet, Element } from 'dicom-parser';
import { errorFrom } from '../errors/index.ts';
import { asPart10 } from './fileHeader.ts';
import { LongFormStream } from './longForms.ts';

const IMPLICIT_VR_LITTLE_ENDIAN = '1.2.840.10008.1.2';
export const DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN = '1.2.840.10008.1.2.1.99';
const EXPLICIT_VR_BIG_ENDIAN = '1.2.840.10008.1.2.2';
const TRANSFER_SYNTAX = 'x00020010';
/** Float, double and integer pixels: nothing of an image lies behind them (PS3.3 C.7.6.3, C.7.6.24). */
const PIXELS = ['x7fe00008', 'x7fe00009', 'x7fe00010'];

/** The File Meta Information (PS3.10 7.1) holds UIDs and names; a file that needs more for it is not one of an image or report. */
const MAX_META_BYTES = 2 ** 20;
/**
 * Numbers that are read for tags and lengths, three per element and fragment: 1.3 million elements. An Enhanced CT of 4,000
 * frames has 200,000. Each element is an object of some 200 bytes.
 */
const MAX_READS = 4_000_000;

/** Why bytes are not a data set; the message is for the person who looks for the fault, and holds nothing of the data. */
export class UnreadableDicom extends Error {
  override readonly name = 'UnreadableDicom';
}

/** The header of a file, and where its data set begins. */
export interface Part10Header {
  readonly meta: DataSet;
  readonly transferSyntaxUid: string;
  readonly dataSetOffset: number;
}

/** Counts what is read, so that a data set of nothing but tags ends. */
function counting(parser: ByteArrayParser, maxReads: number): ByteArrayParser {
  let reads = 0;
  const spend = (): void => {
    reads += 1;
    if (reads > maxReads) throw new UnreadableDicom('it has too many elements');
  };
  return {
    ...parser,
    readUint16: (bytes, position) => {
      spend();
      return parser.readUint16(bytes, position);
    },
    readUint32: (bytes, position) => {
      spend();
      return parser.readUint32(bytes, position);
    },
  };
}

/** What dicom-parser says, without the name of its function. */
function reasonOf(thrown: unknown): string {
  const error = errorFrom(thrown);
  // By name: in tests, errors of Node are of another realm.
  if (error.name === 'RangeError') return 'its sequences are nested too deeply, or a length is wrong';
  const [, reason = error.message] =
    /^(?:dicomParser|littleEndianByteArrayParser|bigEndianByteArrayParser)[.:][\w.]+(?: -|:) (.*)$/s.exec(
      error.message,
    ) ?? [];
  return reason;
}

/** Runs what reads with dicom-parser. @throws UnreadableDicom whatever the package throws */
export function reading<T>(work: () => T): T {
  try {
    return work();
  } catch (thrown) {
    const error = errorFrom(thrown);
    throw error instanceof UnreadableDicom ? error : new UnreadableDicom(reasonOf(thrown), { cause: error });
  }
}

/** Reads the File Meta Information. @throws UnreadableDicom */
export function readHeader(part10: Uint8Array): Part10Header {
  return reading(() => {
    const head = part10.subarray(0, MAX_META_BYTES);
    const meta = dicomParser.readPart10Header(head);
    const dataSetOffset = meta.position ?? head.byteLength;
    if (dataSetOffset >= head.byteLength) throw new UnreadableDicom('it ends with its file header');
    const transferSyntaxUid = meta.string(TRANSFER_SYNTAX);
    if (transferSyntaxUid === undefined) throw new UnreadableDicom('its header names no transfer syntax');
    return { meta, transferSyntaxUid, dataSetOffset };
  });
}

/** How a data set is read. */
export interface DataSetEncoding {
  readonly transferSyntaxUid: string;
  /** VR of a tag, for Implicit VR; a sequence is found without. */
  readonly vrOf?: (tag: string) => string;
  readonly untilTag?: string;
  /** Numbers that may be read for tags and lengths, three per element. */
  readonly maxReads?: number;
}

/**
 * Reads the data set that begins at `offset`; a deflated one must be inflated before. With `partial`, what could be read of
 * a damaged or cut one, and why it ended.
 */
export function readDataSet(
  bytes: Uint8Array,
  offset: number,
  { transferSyntaxUid, vrOf, untilTag, maxReads = MAX_READS }: DataSetEncoding,
): { readonly dataSet: DataSet; readonly failure?: UnreadableDicom } {
  const isBigEndian = transferSyntaxUid === EXPLICIT_VR_BIG_ENDIAN;
  const parser = counting(
    isBigEndian ? dicomParser.bigEndianByteArrayParser : dicomParser.littleEndianByteArrayParser,
    maxReads,
  );
  const dataSet = new dicomParser.DataSet(parser, bytes, {});
  dataSet.warnings = [];
  if (offset >= bytes.length) return { dataSet, failure: new UnreadableDicom('it is empty') };
  const stream = new LongFormStream(parser, bytes, offset);
  const next =
    transferSyntaxUid === IMPLICIT_VR_LITTLE_ENDIAN
      ? (): Element => dicomParser.readDicomElementImplicit(stream, untilTag, vrOf)
      : (): Element => dicomParser.readDicomElementExplicit(stream, dataSet.warnings, untilTag);
  const failure = readElements(dataSet, stream, () => reading(next), untilTag);
  return failure === undefined ? { dataSet } : { dataSet, failure };
}

/**
 * Reads the elements of a data set to its end. Whole pixels end it: what follows them in lower tags, or is no element, are
 * bytes that some medium has put behind the file. So do zeros, or bytes 0xFF, to the end of the file.
 */
function readElements(
  dataSet: DataSet,
  stream: LongFormStream,
  next: () => Element,
  untilTag: string | undefined,
): UnreadableDicom | undefined {
  const { length } = dataSet.byteArray;
  let lastTag = '';
  let hasPixels = false;
  while (stream.position < length) {
    const start = stream.position;
    try {
      const element = next();
      if (hasPixels && element.tag <= lastTag) return undefined;
      if (stream.position > length && !isOpenEnded(element))
        throw new UnreadableDicom('a value ends behind the end of the file');
      dataSet.elements[element.tag] = element;
      lastTag = element.tag;
      hasPixels ||= PIXELS.includes(lastTag);
      if (element.tag === untilTag) return undefined;
    } catch (failure) {
      if (!(failure instanceof UnreadableDicom)) throw failure;
      return hasPixels || isFiller(dataSet.byteArray.subarray(start)) ? undefined : failure;
    }
  }
  return undefined;
}

/** Pixels of Implicit VR, which has no other form for them: there may be enough of them although they are cut. */
function isOpenEnded({ tag, vr }: Element): boolean {
  return vr === undefined && tag === 'x7fe00010';
}

/** What fills the last block of a medium. */
function isFiller(bytes: Uint8Array): boolean {
  const [first] = bytes;
  return (first === 0 || first === 0xff) && bytes.every((byte) => byte === first);
}

/**
 * Parses a whole file, also one without preamble or header. Its header's elements are among those of the data set.
 * @param inflate gives the data set of a deflated file; without it such a file is refused
 * @throws UnreadableDicom
 */
export function parsePart10(
  part10: Uint8Array,
  {
    inflate,
    ...limits
  }: {
    readonly vrOf?: (tag: string) => string;
    readonly inflate?: (deflated: Uint8Array) => Uint8Array;
    readonly maxReads?: number;
  } = {},
): DataSet {
  const file = asPart10(part10);
  const { meta, transferSyntaxUid, dataSetOffset } = readHeader(file);
  const inflated =
    transferSyntaxUid === DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN
      ? (inflate ?? refuseDeflated)(file.subarray(dataSetOffset))
      : undefined;
  const encoding = { ...limits, transferSyntaxUid };
  const { dataSet, failure } =
    inflated === undefined ? readDataSet(file, dataSetOffset, encoding) : readDataSet(inflated, 0, encoding);
  if (failure) throw failure;
  addHeader(dataSet, meta, inflated !== undefined);
  return dataSet;
}

function refuseDeflated(): never {
  throw new UnreadableDicom('its data set is deflated');
}

/**
 * Puts the elements of the header among those of the data set: as texts where their bytes are elsewhere, because the data set
 * was inflated into an array of its own.
 */
function addHeader(dataSet: DataSet, meta: DataSet, areElsewhere: boolean): void {
  for (const [tag, element] of Object.entries(meta.elements)) {
    const Value = areElsewhere ? reading(() => meta.string(tag)) : undefined;
    dataSet.elements[tag] = { ...element, ...(Value === undefined ? {} : { Value }) };
  }
}
