import { searchModule } from './generated/searchModule.ts';

/** Functions of the search module (server/src/search/wasm/search.ts); see there. */
export interface SearchExports {
  project(
    vectors: number,
    inverseNorms: number,
    voxels: number,
    channels: number,
    blocks: number,
    query: number,
    scale: number,
    out: number,
  ): void;
  widen(space: number, map: number, rows: number, cosines: number, out: number): void;
  scan(
    space: number,
    slot: number,
    queries: number,
    ...boxStepRaise: [number, number, number, number, number, number, number, number]
  ): void;
  scanBall(space: number, slot: number, ...centreSpacingRadius: readonly number[]): number;
  sampleUnit(...vectorsNormsChannelsCellStepsFractionsOut: readonly number[]): void;
  writeInverseLengths(...spaceMapVectorsNormsChannelsBlocksQueryScratch: readonly number[]): void;
}

/** The search module on the memory of an embedding. */
export function openSearch(memory: WebAssembly.Memory): SearchExports {
  return new WebAssembly.Instance(searchModule(), { env: { memory } }).exports as unknown as SearchExports;
}
