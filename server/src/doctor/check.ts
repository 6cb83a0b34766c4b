/** What one look has found. `failed` keeps the server from working; `warning` is to be looked at. */
export interface Check {
  readonly name: string;
  readonly status: 'ok' | 'warning' | 'failed';
  /** In words; no credentials. */
  readonly message: string;
  /** What to do, where it is not ok. */
  readonly remedy?: string;
}

/** A check that found nothing to object to. */
export function ok(name: string, message: string): Check {
  return { name, status: 'ok', message };
}

/** One that found something to be looked at. */
export function warning(name: string, message: string, remedy: string): Check {
  return { name, status: 'warning', message, remedy };
}

/** One that found what keeps the server from working. */
export function failed(name: string, message: string, remedy: string): Check {
  return { name, status: 'failed', message, remedy };
}
