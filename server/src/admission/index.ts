/**
 * When a series may be fetched and embedded: callers in turns, a queue for each PACS, memory within a budget.
 * @module
 */
export { createInProcessQueue } from './inProcessQueue.ts';
export { MemoryBudget, withVolumeMemory } from './memoryBudget.ts';
