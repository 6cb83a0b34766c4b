import { createHash } from 'node:crypto';
import type { Embedding } from './types.ts';

/** Stands for what the images of an embedding hold: UIDs do not show whether they were sent anew. */
export function contentOf({ origin }: Pick<Embedding, 'origin'>): string {
  const hash = createHash('sha256');
  for (const { sopInstanceUid, digest } of origin?.instances ?? [])
    hash.update(`${sopInstanceUid} ${digest}\n`);
  return hash.digest('base64url');
}
