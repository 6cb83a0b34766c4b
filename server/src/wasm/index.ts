export { Arena, bytesOf } from './arena.ts';
export type { ViewOf } from './arena.ts';
export { MemoryLayout } from './memoryLayout.ts';
export { keepWasmCode } from './keepCode.ts';
