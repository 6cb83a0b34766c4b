export { drawSmoothMap, SmoothMap } from './smoothMap.ts';
export type { SmoothMapSpec } from './smoothMap.ts';
export { createPhantom } from './phantom.ts';
export { writeSeries } from './series.ts';
export type { Phantom, PhantomTimePoint } from './types.ts';
export type { Box } from './bsplineField.ts';
export { createRandom, randomUid } from './random.ts';
export { ScannerNoise } from './texture.ts';
