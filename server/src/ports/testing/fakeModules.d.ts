import type { Modules } from '../ports.ts';
/** Modules that answer at once. */
export declare function fakeModules(): Modules;
