/** Just enough XML (1.0, fifth edition) to write audit messages; everything that comes from outside is escaped. */

/** Attributes by name; absent ones are omitted. */
export type Attributes = Readonly<Record<string, string | undefined>>;

/** Longest value from outside; a name or identifier that is longer is none, and a message must fit into a datagram. */
const MAX_CHARACTERS = 256;
/** Characters that no XML document may hold (2.2), not even escaped. */
// eslint-disable-next-line no-control-regex
const FORBIDDEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Surrogate}/gu;
const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\t': '&#9;',
  '\n': '&#10;',
  '\r': '&#13;',
};

/** Text for content and attribute values; a line break in it does not begin a new line. */
function escaped(text: string): string {
  return text
    .slice(0, MAX_CHARACTERS)
    .replaceAll(FORBIDDEN, '\ufffd')
    .replaceAll(/[&<>"\t\n\r]/g, (character) => ESCAPES[character] ?? '');
}

/** An element with the given, already written content. */
export function element(name: string, attributes: Attributes, ...content: readonly string[]): string {
  const written = Object.entries(attributes)
    .filter((entry): entry is [string, string] => entry[1] !== undefined)
    .map(([key, value]) => ` ${key}="${escaped(value)}"`)
    .join('');
  const inner = content.join('');
  return inner === '' ? `<${name}${written}/>` : `<${name}${written}>${inner}</${name}>`;
}

/** An element with text. */
export function textElement(name: string, text: string): string {
  return `<${name}>${escaped(text)}</${name}>`;
}
