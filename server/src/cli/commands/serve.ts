import { once } from 'node:events';
import type { Config } from '../../config/index.ts';
import type { CliIo } from '../../workbench/index.ts';
import { startServer } from '../../composition/index.ts';

/** Serves until it is stopped. */
export async function serve(config: Config, io: CliIo): Promise<void> {
  const server = await startServer(config);
  io.stderr.write(`Samepoint answers at ${server.url}${config.http.basePath}/api/health\n`);
  if (!io.signal.aborted) await once(io.signal, 'abort');
  await server.close();
}
