export { Arena, bytesOf } from './arena.ts';
export type { SharedArray, ViewOf } from './arena.ts';
export { MemoryLayout } from './memoryLayout.ts';
export { keepWasmCode } from './keepCode.ts';
