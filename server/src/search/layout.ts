/**
 * Where the numbers lie that TypeScript and the search module (server/src/search/wasm) exchange in the shared memory of an embedding.
 * Both import this file, so it has integer constants only. Places are counted in words of 4 bytes.
 * @module
 */

/** Queries that one pass over the vectors serves. */
export const QUERIES_PER_PASS = 4;
/** Maps of one kind at most; a model has three roles. */
export const MAPS = 4;
/** Vectors are read in blocks of so many channels. */
export const CHANNELS_PER_BLOCK = 16;

/** float64 that inverse lengths are made in: per voxel of a map, the cosines of so many steps; and so many rows of it. */
export const COSINE_STEPS = 14;
export const COSINE_LINES = 2;

/** Words of `space`: the searched embedding. */
export const NI = 0;
export const NJ = 1;
/** Address: per row the number of its first run, and one past that of the last row's last one. */
export const ROW_RUNS = 2;
/** Address of the runs. */
export const RUNS = 3;
export const DIRECT_COUNT = 4;
export const INTERPOLATED_COUNT = 5;
export const NK = 6;
/** The direct maps: {@link DIRECT_WORDS} each. */
export const DIRECT = 8;
/** The interpolated maps: {@link INTERPOLATED_WORDS} each. */
export const INTERPOLATED = 24;
export const SPACE_WORDS = 60;

/** Words of a direct map, which is on the fine grid itself: two addresses, two numbers. */
export const VECTORS = 0;
export const INVERSE_NORMS = 1;
export const CHANNELS = 2;
export const BLOCKS = 3;
export const DIRECT_WORDS = 4;

/** Words of an interpolated map, which is on a coarser grid of its own: its size, then addresses. */
export const MAP_NI = 0;
export const MAP_NJ = 1;
export const MAP_NK = 2;
/** Per axis: of every fine column, row or slice the first corner. */
export const BASE = 3;
/** Per axis: how far behind the first corner it lies, voxels of the map. */
export const FRACTION = 6;
/** One float per candidate. */
export const INVERSE_LENGTHS = 9;
export const INTERPOLATED_WORDS = 12;

/** Words of a run of candidates in a row: first and last column, and the number of the first candidate. */
export const RUN_FIRST = 0;
export const RUN_LAST = 1;
export const RUN_CANDIDATE = 2;
export const RUN_WORDS = 3;

/** Words of `slot`: the workplace of one search. Addresses of queries, int16: word MAPS * query + direct map. */
export const QUERY = 0;
/** Floats, from the integer product to the weighted term: word QUERIES_PER_PASS * direct map + query. */
export const SCALE = 16;
/** Addresses of cosines, interpolated to the fine columns: word MAPS * query + interpolated map. */
export const COSINES = 32;
/** One address per query: scratch for a row's interpolated terms. */
export const BASE_LINE = 48;
/** One address per query: per row the best similarity, and its voxel, -1 where the row has none. */
export const ROW_BEST = 52;
export const ROW_VOXEL = 56;
/** Address of scratch for the cosines of any coarse map, and of scratch for a vector in float64. */
export const SCRATCH = 60;
export const UNIT = 61;
/** Addresses of queries, int16: word MAPS * query + interpolated map. */
export const PROJECT = 64;
/** One float per query: candidates that cannot reach it are omitted. */
export const FLOOR = 80;
/** One float per direct map: what it and the later ones add at most. */
export const DIRECT_LIMIT = 84;
/** What `scan` scans: first and last column, row and slice, and the step along each axis. */
export const BOX_I = 88;
export const BOX_J = 90;
export const BOX_K = 92;
export const BOX_STEP = 94;
export const BOX_WORDS = 7;
/** What `scanBall` scans, float64: the centre (continuous fine voxel index), the spacing and the radius, mm. */
export const BALL = 96;
export const BALL_NUMBERS = 7;
/** Where `sampleUnit` samples: the voxel of a cell's first corner, and the step to the next one along i, j, k. */
export const CELL = 110;
export const CELL_STEPS = 111;
export const CELL_WORDS = 4;
/** Place in the cell along i, j, k, 0 to 1, float64. */
export const FRACTIONS = 114;
export const SLOT_WORDS = 120;
