import fc from 'fast-check';
import { element, textElement } from './xml.ts';

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"' };

/** Reads character data as a parser does (XML 1.0, 4.4 and 4.6). */
function unescaped(text: string): string {
  return text.replaceAll(/&(?:#(\d+)|(\w+));/g, (_all, code: string | undefined, name: string | undefined) =>
    code === undefined ? ENTITIES[name ?? '']! : String.fromCodePoint(Number(code)),
  );
}

/** Characters of XML (2.2), in well-formed strings. */
const texts = fc.string({ unit: 'binary', maxLength: 60 });
const isCharacter = (code: number): boolean =>
  code >= 0x20 ? code !== 0xfffe && code !== 0xffff : [0x9, 0xa, 0xd].includes(code);
const replaced = (text: string): string =>
  Array.from(text, (character) => (isCharacter(character.codePointAt(0)!) ? character : '\ufffd')).join('');

describe('element', () => {
  it('gives back the value of an attribute, whatever it is', () => {
    fc.assert(
      fc.property(texts, (value) => {
        const xml = element('A', { UserID: value });
        const [, written] = /^<A UserID="([^"<>]*)"\/>$/su.exec(xml)!;
        expect(unescaped(written!)).toBe(replaced(value));
        // A log is read line by line.
        expect(xml).not.toMatch(/[\n\r\t]/);
      }),
    );
  });

  it('omits absent attributes, and closes an empty element at once', () => {
    expect(element('A', { b: undefined })).toBe('<A/>');
    expect(element('A', { b: '', c: '1' })).toBe('<A b="" c="1"/>');
    expect(element('A', {}, '', '')).toBe('<A/>');
  });

  it('holds its content unchanged: that is written already', () => {
    const inner = element('B', { c: '<' });
    expect(element('A', {}, inner, textElement('D', 'x'))).toBe('<A><B c="&lt;"/><D>x</D></A>');
  });

  it('cuts what is too long for a name, before it is escaped', () => {
    expect(element('A', { b: 'y'.repeat(300) })).toBe(`<A b="${'y'.repeat(256)}"/>`);
    expect(element('A', { b: '&'.repeat(300) })).toBe(`<A b="${'&amp;'.repeat(256)}"/>`);
  });

  it('has no half of a character where it is cut', () => {
    const xml = element('A', { b: `${'y'.repeat(255)}\u{1f600}` });
    expect(xml).not.toMatch(/\p{Surrogate}/u);
    expect(xml).toContain('\ufffd');
  });
});

describe('textElement', () => {
  it('gives back its text, and begins no element in it', () => {
    fc.assert(
      fc.property(texts, (text) => {
        const [, written] = /^<T>([^<>]*)<\/T>$/su.exec(textElement('T', text))!;
        expect(unescaped(written!)).toBe(replaced(text));
      }),
    );
  });
});
