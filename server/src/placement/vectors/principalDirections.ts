/**
 * Principal directions of many vectors by orthogonal iteration (Golub & Van Loan, "Matrix Computations", section 8.2.4).
 * @module
 */

/** Vectors that are looked at, of each set: enough for a matrix of some hundred rows. */
const SAMPLES = 4000;
/** Rounds: directions of nearly equal weight may stay mixed, which changes nothing. */
const ROUNDS = 30;
/** A vector that keeps less of its length is a sum of the others. */
const LEAST_SHARE = 1e-9;

/**
 * Orthonormal directions in which vectors are longest, the first ones first; fewer where they span fewer.
 * @param sets each: vectors of `channels` numbers, one after another
 */
export function principalDirections(
  sets: readonly Float32Array[],
  channels: number,
  count: number,
): readonly Float64Array[] {
  const matrix = new Float64Array(channels * channels);
  for (const vectors of sets) addProducts(matrix, vectors, channels);
  let directions = orthonormal(started(channels, Math.min(count, channels)));
  for (let round = 0; round < ROUNDS; round++)
    directions = orthonormal(directions.map((direction) => times(matrix, direction)));
  return directions;
}

/** Adds v vT of vectors that are not 0, from all parts of the set. */
function addProducts(matrix: Float64Array, vectors: Float32Array, channels: number): void {
  const filled: number[] = [];
  for (let from = 0; from < vectors.length; from += channels)
    if (vectors.subarray(from, from + channels).some((value) => value !== 0)) filled.push(from);
  const every = Math.max(1, filled.length / SAMPLES);
  for (let n = 0; n < filled.length; n += every) {
    const from = filled[Math.floor(n)] ?? NaN;
    for (let row = 0; row < channels; row++) {
      const value = vectors[from + row] ?? NaN;
      for (let column = 0, at = row * channels; column < channels; column++, at++)
        matrix[at] = (matrix[at] ?? NaN) + value * (vectors[from + column] ?? NaN);
    }
  }
}

/** Vectors that are orthogonal to no direction: waves of different lengths. */
function started(channels: number, count: number): readonly Float64Array[] {
  return Array.from({ length: count }, (_, n) =>
    Float64Array.from(
      { length: channels },
      (_value, c) => Math.cos((n + 1) * (c + 0.5)) + Math.sin(c * c + n),
    ),
  );
}

function times(matrix: Float64Array, vector: Float64Array): Float64Array {
  const size = vector.length;
  return vector.map((_, row) => {
    let sum = 0;
    for (let c = 0, at = row * size; c < size; c++, at++) sum += (matrix[at] ?? NaN) * (vector[c] ?? NaN);
    return sum;
  });
}

/** Gram-Schmidt, twice for the digits that the first pass loses; directions that the others span already go. */
function orthonormal(vectors: readonly Float64Array[]): readonly Float64Array[] {
  const made: Float64Array[] = [];
  for (const vector of vectors) {
    const before = lengthOf(vector);
    let rest = vector;
    for (const direction of [...made, ...made]) {
      const along = dot(direction, rest);
      rest = rest.map((value, n) => value - along * (direction[n] ?? NaN));
    }
    const length = lengthOf(rest);
    if (length > LEAST_SHARE * before) made.push(rest.map((value) => value / length));
  }
  return made;
}

function dot(a: Float64Array, b: Float64Array): number {
  return a.reduce((sum, value, n) => sum + value * (b[n] ?? NaN), 0);
}

function lengthOf(vector: Float64Array): number {
  return Math.sqrt(dot(vector, vector));
}
