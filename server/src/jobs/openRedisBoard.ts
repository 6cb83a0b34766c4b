import type { WorkLogger } from '../work/index.ts';
import type { JobBoard } from './board.ts';
import type { RedisBoardSettings } from './redisBoard.ts';

/** Opens a board in Redis, which need not be there yet. Its packages are loaded with the first use. */
export async function openRedisBoard(settings: RedisBoardSettings, logger: WorkLogger): Promise<JobBoard> {
  return (await import('./redisBoard.ts')).openRedisBoard(settings, logger);
}
