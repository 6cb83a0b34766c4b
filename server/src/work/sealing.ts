/**
 * What orders hold, sealed: AES-256-GCM (NIST SP 800-38D) under a key that Redis never sees. Who reads Redis, its file or a backup
 * learns neither credentials nor UIDs, and cannot change an order or give it another's content: the name of the job is authenticated, too.
 * @module
 */
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';

const ALGORITHM = 'aes-256-gcm';
const KEY_BYTES = 32;
/** Random for each message: 96 bits, as SP 800-38D 8.2.2 requires. */
const IV_BYTES = 12;
const TAG_BYTES = 16;
/** Separates this use of the secret from any other one. */
const PURPOSE = 'samepoint work queue 1';

/** Seals and opens values of JSON. */
export interface Seal {
  /** @param context what the value belongs to; it opens in this context only */
  close(value: unknown, context: string): string;
  /** The value; undefined where it was sealed with another key, for another context, or was changed. */
  open(sealed: unknown, context: string): unknown;
}

/** A seal of a configured secret. What was sealed for one purpose does not open for another. */
export function createSeal(secret: string, purpose = PURPOSE): Seal {
  const key = Buffer.from(hkdfSync('sha256', secret, '', purpose, KEY_BYTES));
  return {
    close(value, context) {
      const iv = randomBytes(IV_BYTES);
      const cipher = createCipheriv(ALGORITHM, key, iv, { authTagLength: TAG_BYTES });
      cipher.setAAD(Buffer.from(context));
      const text = Buffer.concat([cipher.update(JSON.stringify(value), 'utf8'), cipher.final()]);
      return Buffer.concat([iv, cipher.getAuthTag(), text]).toString('base64url');
    },
    open(sealed, context) {
      if (typeof sealed !== 'string') return undefined;
      const bytes = Buffer.from(sealed, 'base64url');
      if (bytes.length < IV_BYTES + TAG_BYTES) return undefined;
      const iv = bytes.subarray(0, IV_BYTES);
      const decipher = createDecipheriv(ALGORITHM, key, iv, { authTagLength: TAG_BYTES });
      decipher.setAAD(Buffer.from(context));
      decipher.setAuthTag(bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
      try {
        const text = decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES), undefined, 'utf8');
        const value: unknown = JSON.parse(text + decipher.final('utf8'));
        return value;
      } catch {
        return undefined;
      }
    },
  };
}
