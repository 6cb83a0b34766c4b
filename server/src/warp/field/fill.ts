/**
 * Values for nodes that have none: outside of the body nothing is matched, but a field of a file has a value everywhere.
 * @module
 */
type Three = readonly [number, number, number];

/** Layer after layer, each node without a value gets the mean of its neighbours that have one (three values per node, in place). */
export function filledUp([ni, nj, nk]: Three, values: Float32Array, isKnown: Uint8Array): void {
  const known = isKnown.slice();
  let front = boundaryOf([ni, nj, nk], known);
  while (front.length > 0) {
    for (const node of front) meanInto([ni, nj, nk], values, known, node);
    for (const node of front) known[node] = 1;
    const next = new Set<number>();
    for (const node of front)
      for (const neighbour of neighboursOf([ni, nj, nk], node))
        if (known[neighbour] === 0) next.add(neighbour);
    front = [...next];
  }
}

/** Nodes without a value beside one that has. */
function boundaryOf(dims: Three, known: Uint8Array): number[] {
  const found: number[] = [];
  for (let node = 0; node < known.length; node++)
    if (known[node] === 0 && neighboursOf(dims, node).some((neighbour) => known[neighbour] === 1))
      found.push(node);
  return found;
}

function meanInto(dims: Three, values: Float32Array, known: Uint8Array, node: number): void {
  const from = neighboursOf(dims, node).filter((neighbour) => known[neighbour] === 1);
  for (let axis = 0; axis < 3; axis++)
    values[3 * node + axis] =
      from.reduce((sum, neighbour) => sum + (values[3 * neighbour + axis] ?? NaN), 0) / from.length;
}

/** The nodes one step away along each axis. */
function neighboursOf([ni, nj, nk]: Three, node: number): number[] {
  const [i, j, k] = [node % ni, Math.floor(node / ni) % nj, Math.floor(node / (ni * nj))];
  const found: number[] = [];
  if (i > 0) found.push(node - 1);
  if (i < ni - 1) found.push(node + 1);
  if (j > 0) found.push(node - ni);
  if (j < nj - 1) found.push(node + ni);
  if (k > 0) found.push(node - ni * nj);
  if (k < nk - 1) found.push(node + ni * nj);
  return found;
}
