/**
 * Typed access to the attributes that Samepoint reads. A multi-frame instance keeps most of them in functional groups
 * (PS3.3 C.7.6.16); `AttributeReader` looks there first, so that everything after it sees single frames only.
 * @module
 */
import type { DataSet } from 'dicom-parser';
import { parserTagOf } from '../../dicom/index.ts';
import type { Keyword } from '../../dicom/index.ts';
import { SamepointError } from '../../errors/index.ts';

const FRAME_CONTENT = 'x00209111';
const PIXEL_VALUE_TRANSFORMATION = 'x00289145';

/** Functional group macro that holds an attribute in a multi-frame instance (PS3.3 C.7.6.16.2, C.8.13.5, C.8.15.3). */
const MACROS: Readonly<Partial<Record<Keyword, string>>> = {
  EffectiveEchoTime: 'x00189114',
  DiffusionBValue: 'x00189117',
  ImagePositionPatient: 'x00209113',
  ImageOrientationPatient: 'x00209116',
  StackID: FRAME_CONTENT,
  TemporalPositionIndex: FRAME_CONTENT,
  PixelSpacing: 'x00289110',
  RescaleIntercept: PIXEL_VALUE_TRANSFORMATION,
  RescaleSlope: PIXEL_VALUE_TRANSFORMATION,
  RescaleType: PIXEL_VALUE_TRANSFORMATION,
};

/** Frame type macros by modality: CT, MR and PET Frame Type (PS3.3 C.8.15.3.1, C.8.13.5.1, C.8.22.5.1). */
const FRAME_TYPE_MACROS = ['x00189329', 'x00189226', 'x00189751'];

/** `(0028,0010)`, for messages. */
function printedTag(keyword: Keyword): string {
  const tag = parserTagOf(keyword);
  return `(${tag.slice(1, 5)},${tag.slice(5)})`;
}

/**
 * Longest text that is read, bytes: the attributes above hold UIDs, codes and numbers. A longer one would travel through
 * messages and comparisons of every slice.
 */
const MAX_TEXT_BYTES = 512;

/** Reads attributes of one frame (or of a single-frame instance). */
export class AttributeReader {
  readonly #root: DataSet;
  /** Functional group items, per frame before shared; empty for single-frame instances. */
  readonly #groups: readonly DataSet[];

  constructor(root: DataSet, groups: readonly DataSet[] = []) {
    this.#root = root;
    this.#groups = groups;
  }

  get sopInstanceUid(): string {
    const tag = parserTagOf('SOPInstanceUID');
    return isShort(this.#root, tag) ? (this.#root.string(tag) ?? '') : '';
  }

  /** The data set that holds the attribute, undefined where it is absent or empty. */
  #holder(keyword: Keyword): DataSet | undefined {
    const tag = parserTagOf(keyword);
    const macro = MACROS[keyword];
    const filled = (dataSet: DataSet | undefined): boolean => (dataSet?.elements[tag]?.length ?? 0) > 0;
    for (const group of this.#groups) {
      const item = macro === undefined ? undefined : group.elements[macro]?.items?.[0]?.dataSet;
      if (item !== undefined && filled(item)) return item;
    }
    return filled(this.#root) ? this.#root : undefined;
  }

  /** @throws SamepointError volume/invalid-attribute where it is longer than any value that is known */
  #shortText(keyword: Keyword, holder: DataSet | undefined): string | undefined {
    const tag = parserTagOf(keyword);
    if (holder !== undefined && !isShort(holder, tag))
      this.invalid(
        keyword,
        `${String(holder.elements[tag]?.length)} bytes`,
        `at most ${String(MAX_TEXT_BYTES)} are read`,
      );
    return holder?.string(tag);
  }

  /** Text of an attribute, values joined by a backslash; undefined where it is absent or empty. */
  text(keyword: Keyword): string | undefined {
    const text = this.#shortText(keyword, this.#holder(keyword))?.trim();
    return text === '' ? undefined : text;
  }

  /** @throws SamepointError volume/missing-attribute */
  requiredText(keyword: Keyword): string {
    return this.text(keyword) ?? this.missing(keyword);
  }

  /** FrameType of a frame, else ImageType of the instance (PS3.3 C.8.16.1), upper case. */
  imageType(): readonly string[] {
    for (const group of this.#groups) {
      for (const macro of FRAME_TYPE_MACROS) {
        const type = this.#shortText('FrameType', group.elements[macro]?.items?.[0]?.dataSet);
        if (type !== undefined) return type.toUpperCase().split('\\');
      }
    }
    return (this.text('ImageType') ?? '').toUpperCase().split('\\');
  }

  /** Decimal strings (DS) of an attribute. @throws SamepointError volume/invalid-attribute */
  decimals(keyword: Keyword, count: number): readonly number[] | undefined {
    const text = this.text(keyword);
    if (text === undefined) return undefined;
    const values = text.split('\\').map((part) => (part.trim() === '' ? NaN : Number(part)));
    if (values.length !== count || !values.every(Number.isFinite)) {
      this.invalid(
        keyword,
        text,
        count === 1 ? 'it must be a number' : `it must be ${String(count)} numbers`,
      );
    }
    return values;
  }

  /** @throws SamepointError volume/missing-attribute, volume/invalid-attribute */
  requiredDecimals(keyword: Keyword, count: number): readonly number[] {
    return this.decimals(keyword, count) ?? this.missing(keyword);
  }

  /** Unsigned 16-bit attribute (US). */
  uint16(keyword: Keyword): number | undefined {
    return this.#holder(keyword)?.uint16(parserTagOf(keyword));
  }

  /** @throws SamepointError volume/missing-attribute */
  requiredUint16(keyword: Keyword): number {
    return this.uint16(keyword) ?? this.missing(keyword);
  }

  /** Attribute of VR "US or SS": signed when the pixels are. */
  pixelValue(keyword: Keyword, isSigned: boolean): number | undefined {
    const holder = this.#holder(keyword);
    return isSigned ? holder?.int16(parserTagOf(keyword)) : holder?.uint16(parserTagOf(keyword));
  }

  /** Any attribute as text, to compare and to show. */
  shown(keyword: Keyword): string | undefined {
    const holder = this.#holder(keyword);
    const length = holder?.elements[parserTagOf(keyword)]?.length;
    if (holder === undefined) return undefined;
    if (keyword === 'ImageType') return this.imageType().join('\\');
    if (keyword === 'TemporalPositionIndex') return holder.uint32(parserTagOf(keyword))?.toString();
    if (keyword === 'EffectiveEchoTime' || keyword === 'DiffusionBValue') {
      return length === 8 ? holder.double(parserTagOf(keyword))?.toString() : undefined;
    }
    return this.text(keyword);
  }

  /** Whether the attribute is there with a value. */
  has(keyword: Keyword): boolean {
    return this.#holder(keyword) !== undefined;
  }

  missing(keyword: Keyword): never {
    throw new SamepointError('volume/missing-attribute', {
      attribute: keyword,
      tag: printedTag(keyword),
      sopInstanceUid: this.sopInstanceUid,
    });
  }

  invalid(keyword: Keyword, value: string, rule: string): never {
    throw new SamepointError('volume/invalid-attribute', {
      attribute: keyword,
      value: value.slice(0, 100),
      rule,
      sopInstanceUid: this.sopInstanceUid,
    });
  }
}

function isShort(holder: DataSet, tag: string): boolean {
  return (holder.elements[tag]?.length ?? 0) <= MAX_TEXT_BYTES;
}
