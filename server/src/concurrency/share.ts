/** A share of a work that is divided among threads: the `part`-th of `parts`. */
export interface Share {
  readonly part: number;
  readonly parts: number;
}

/** The items of a share: neighbours stay together, and the shares in their order are the whole. */
export function shareOf<T>(items: readonly T[], { part, parts }: Share): readonly T[] {
  const border = (n: number): number => Math.round((n * items.length) / parts);
  return items.slice(border(part), border(part + 1));
}
