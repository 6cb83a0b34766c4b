import type { DicomElement, DicomJson } from './dicomJson.ts';

/**
 * Tags of the Native DICOM Model (PS3.19 A.1) and the text between them. Anything else in the document is skipped.
 * Groups: closing slash, name, attributes, empty-element slash, text.
 */
const TOKEN = /<(\/?)(?:\w+:)?(DicomAttribute|Item|Value)\b([^<>]*?)(\/?)>|([^<>]+)/g;
/** An answer that is nested deeper is not one of a PACS. */
const MAX_DEPTH = 8;

interface Token {
  readonly kind: 'open' | 'close' | 'text';
  readonly name: string;
  readonly content: string;
}

/**
 * Reads a data set in the Native DICOM Model, as older PACS answer STOW-RS requests whatever is accepted. Values stay texts;
 * person names and binary values are not read.
 * @returns undefined when the text is not such a document
 */
export function parseNativeXml(text: string): DicomJson | undefined {
  if (!/^\s*<[^>]*>[^<]*<(?:\w+:)?NativeDicomModel\b|^\s*<(?:\w+:)?NativeDicomModel\b/.test(text))
    return undefined;
  return dataSet(tokens(text), 'NativeDicomModel', 0);
}

function* tokens(text: string): Generator<Token, void, undefined> {
  for (const [, slash, name = '', attributes = '', empty, content] of text.matchAll(TOKEN)) {
    if (content !== undefined) yield { kind: 'text', name: '', content };
    else {
      yield { kind: slash === '/' ? 'close' : 'open', name, content: attributes };
      if (empty === '/') yield { kind: 'close', name, content: '' };
    }
  }
}

function dataSet(stream: Generator<Token, void, undefined>, until: string, depth: number): DicomJson {
  const json: Record<string, DicomElement> = {};
  for (let next = stream.next(); next.done !== true; next = stream.next()) {
    const { kind, name, content } = next.value;
    if (kind === 'close' && name === until) break;
    if (kind !== 'open' || name !== 'DicomAttribute') continue;
    const tag = /\btag\s*=\s*["']([0-9A-Fa-f]{8})["']/.exec(content)?.[1]?.toUpperCase();
    const vr = /\bvr\s*=\s*["'](\w\w)["']/.exec(content)?.[1] ?? 'UN';
    const element = { vr, Value: values(stream, depth) };
    if (tag !== undefined) json[tag] = element;
  }
  return json;
}

function values(stream: Generator<Token, void, undefined>, depth: number): readonly unknown[] {
  const found: unknown[] = [];
  for (let next = stream.next(); next.done !== true; next = stream.next()) {
    const { kind, name } = next.value;
    if (kind === 'close' && name === 'DicomAttribute') break;
    if (kind !== 'open') continue;
    if (name === 'Value') found.push(valueText(stream));
    else if (name === 'Item' && depth < MAX_DEPTH) found.push(dataSet(stream, 'Item', depth + 1));
  }
  return found;
}

function valueText(stream: Generator<Token, void, undefined>): string {
  let text = '';
  for (let next = stream.next(); next.done !== true; next = stream.next()) {
    if (next.value.kind === 'close') break;
    if (next.value.kind === 'text') text += next.value.content;
  }
  return text.trim();
}
