/** Exceptions inside exceptions that are looked at. */
const MAX_DEPTH = 4;

/**
 * What was thrown, as an Error. Not everything that is thrown is one: dicom-parser throws texts and objects around another
 * exception, Emscripten codecs throw numbers, and errors of another realm fail `instanceof`.
 */
export function errorFrom(thrown: unknown, depth = 0): Error {
  if (thrown instanceof Error) return thrown;
  if (typeof thrown === 'string') return new Error(thrown);
  if (typeof thrown === 'number') return new Error(`exception ${String(thrown)}`);
  if (typeof thrown === 'object' && thrown !== null) return fromObject(thrown, depth);
  return new Error(thrown === null ? 'a thrown null' : `a thrown ${typeof thrown}`);
}

function fromObject(thrown: object, depth: number): Error {
  if ('exception' in thrown && depth < MAX_DEPTH) return errorFrom(thrown.exception, depth + 1);
  if ('message' in thrown && typeof thrown.message === 'string') {
    const error = new Error(thrown.message, { cause: thrown });
    if ('name' in thrown && typeof thrown.name === 'string') error.name = thrown.name;
    return error;
  }
  return new Error('a thrown object');
}
