/**
 * Words for what a failed call of the system or a library said: its code ("ENOENT") or the first line of its message.
 * By shape and not by class, because errors of Node and of native libraries may come from another realm.
 */
export function problemOf(cause: unknown): string {
  if (typeof cause !== 'object' || cause === null) return String(cause);
  if ('code' in cause && typeof cause.code === 'string') return cause.code;
  const message = 'message' in cause ? cause.message : undefined;
  return typeof message === 'string' ? (message.split('\n', 1)[0] ?? '').trim() : 'unknown';
}
