/* global AbortSignal, fetch */
// Health check of a container: exit status 0 while the process answers on the port of its metrics.
const port = process.argv[2] ?? '9480';
try {
  const { ok } = await fetch(`http://127.0.0.1:${port}/health/live`, { signal: AbortSignal.timeout(4000) });
  process.exitCode = ok ? 0 : 1;
} catch {
  process.exitCode = 1;
}
