/** An instruction of a Dockerfile, its continued lines joined. */
export interface Instruction {
  /** e.g. "RUN" */
  readonly name: string;
  readonly text: string;
}

/** The instructions of a Dockerfile in their order, without comments. */
export function instructionsOf(dockerfile: string): readonly Instruction[] {
  const lines = dockerfile.split('\n').filter((line) => !line.startsWith('#'));
  const joined = lines.join('\n').replaceAll(/\\\n\s*/gu, '');
  return joined
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const [name = '', ...words] = line.split(' ');
      return { name, text: words.join(' ') };
    });
}

/** The words of the form that runs no shell, e.g. `["node", "main.js"]`. @throws where the text has another form */
export function wordsOf(text: string): readonly string[] {
  const words: unknown = JSON.parse(text);
  if (Array.isArray(words) && words.every((word) => typeof word === 'string')) return words;
  throw new TypeError(`not a list of words: ${text}`);
}

/** A text with the values of its variables, `$NAME` or `${NAME}`; unknown ones are empty. */
export function withValues(text: string, values: ReadonlyMap<string, string>): string {
  return text.replaceAll(/\$\{?([A-Z_]+)\}?/gu, (_all, name: string) => values.get(name) ?? '');
}

/** Pairs `NAME=value` of ENV and ARG; a value may be absent. */
export function pairsOf(text: string): readonly (readonly [string, string])[] {
  return text.split(/\s+/u).map((pair) => {
    const [name = '', ...value] = pair.split('=');
    return [name, value.join('=')] as const;
  });
}
