import { once } from 'node:events';
import { startWorkerProcess } from '../../composition/index.ts';
import type { Config } from '../../config/index.ts';
import type { CliIo } from '../../workbench/index.ts';

/** Does the work of servers until it is stopped. */
export async function worker(config: Config, io: CliIo): Promise<void> {
  const running = await startWorkerProcess(config);
  io.stderr.write('Samepoint waits for work\n');
  if (!io.signal.aborted) await once(io.signal, 'abort');
  await running.close();
}
