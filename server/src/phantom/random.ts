/**
 * Seeded random numbers: the same seed gives the same phantom, byte for byte, on every machine.
 * Only integer operations and correctly rounded Float64 arithmetic are used before a value is drawn.
 * @module
 */

/** A stream of random numbers. Streams of different names never influence one another. */
export interface Random {
  /** Uniform in [0, 1). */
  uniform(): number;
  /** Uniform in [low, high). */
  between(low: number, high: number): number;
  /** Normal with mean 0 and standard deviation 1 (Box-Muller, one of the two values). */
  normal(): number;
  /** 32 random bits. */
  bits(): number;
}

/** Hash of a name to 32 bits (FNV-1a), so that each part of the phantom has a stream of its own. */
function hashName(name: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

/**
 * A random stream for one purpose.
 * @param seed Seed of the phantom; its low 32 bits count.
 * @param name Purpose, e.g. "lung vessels".
 */
export function createRandom(seed: number, name: string): Random {
  let state = (hashName(name) ^ Math.imul(seed | 0, 0x9e3779b1)) | 0;
  const bits = (): number => {
    // mulberry32: one 32-bit counter and a mixing function; period 2^32, enough for any stream here.
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return (t ^ (t >>> 14)) >>> 0;
  };
  const uniform = (): number => bits() / 0x1_0000_0000;
  return {
    bits,
    uniform,
    between: (low, high) => low + (high - low) * uniform(),
    normal: () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform()),
  };
}

/**
 * A UID of the UUID form (PS3.5 B.2: "2.25." and the decimal value of a 128-bit UUID), reproducible from the stream.
 * The bits of a version 4, variant 1 UUID are set (RFC 9562).
 */
export function randomUid(random: Random): string {
  const words = [random.bits(), random.bits(), random.bits(), random.bits()].map(BigInt);
  const value = words.reduce((sum, word) => (sum << 32n) | word, 0n);
  const version = (value & ~(0xfn << 76n)) | (0x4n << 76n);
  return `2.25.${(version & ~(0x3n << 62n)) | (0x2n << 62n)}`;
}
