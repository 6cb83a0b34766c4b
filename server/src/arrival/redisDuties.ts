import type { QueueSettings, WorkLogger } from '../work/index.ts';
import type { OpenDuty } from './duty.ts';

/** Shares watches with the servers of a Redis, which need not be there yet. Its packages are loaded with the first use. */
export async function redisDuties(settings: QueueSettings, logger: WorkLogger): Promise<OpenDuty> {
  const { openRedisDuty } = await import('./redisDuty.ts');
  return (of) => openRedisDuty(settings, of, logger);
}
