/**
 * How a draft is written into the browser's storage: encrypted where the browser can.
 * @module
 */

/** Bytes of the initialization vector of AES-GCM (NIST SP 800-38D 8.2: 96 bits). */
const IV_BYTES = 12;

interface Encrypted {
  readonly iv: Uint8Array<ArrayBuffer>;
  readonly bytes: ArrayBuffer;
}

function isEncrypted(content: unknown): content is Encrypted {
  const { iv, bytes } = (content ?? {}) as Partial<Encrypted>;
  return ArrayBuffer.isView(iv) && bytes !== undefined;
}

/** A text as it is kept. @param key undefined where nothing can be encrypted */
export async function seal(text: string, key: CryptoKey | undefined, crypto: Crypto): Promise<unknown> {
  if (key === undefined) return text;
  const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES));
  const bytes = await crypto.subtle.encrypt({ name: 'AES-GCM', iv }, key, new TextEncoder().encode(text));
  return { iv, bytes };
}

/** The text that was kept; undefined for what cannot be read any more. */
export async function unseal(
  content: unknown,
  key: CryptoKey | undefined,
  crypto: Crypto,
): Promise<string | undefined> {
  if (typeof content === 'string') return content;
  if (key === undefined || !isEncrypted(content)) return undefined;
  try {
    const { iv, bytes } = content;
    return new TextDecoder().decode(await crypto.subtle.decrypt({ name: 'AES-GCM', iv }, key, bytes));
  } catch {
    return undefined;
  }
}

/** Bytes of a digest as hexadecimal digits. */
function hexOf(bytes: ArrayBuffer): string {
  return Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/**
 * The key that the drafts of a patient are kept under: a digest, so that the storage names no patient. Undefined where the browser has
 * no digest.
 */
export async function digestOf(text: string, crypto: Partial<Crypto>): Promise<string | undefined> {
  if (crypto.subtle === undefined) return undefined;
  return hexOf(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)));
}
