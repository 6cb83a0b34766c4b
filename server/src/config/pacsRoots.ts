import type { Config } from './schema.ts';

/** Where the PACS is; the keys of the configuration with their defaults. */
export interface PacsRoots {
  readonly qidoRoot: string;
  readonly wadoRoot: string;
  readonly stowRoot: string;
}

/** The roots of the PACS; undefined where none is configured, or not that of searches and that of retrieval. */
export function pacsRoots({ root, ...other }: Config['dicomweb']): PacsRoots | undefined {
  const { qidoRoot = root, wadoRoot = root } = other;
  const stowRoot = other.stowRoot ?? root ?? wadoRoot;
  return qidoRoot === undefined || wadoRoot === undefined || stowRoot === undefined
    ? undefined
    : { qidoRoot, wadoRoot, stowRoot };
}
