import type { RegisterRequest, RegistrationFacts, WarpRequest } from '../../warp/index.ts';

/** A registration that moves nothing. */
export function fakeRegistration({ stage }: Pick<RegisterRequest, 'stage'>): RegistrationFacts {
  const affine = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0] as const;
  const grid = { dims: [2, 2, 2] as const, voxelToLps: [50, 0, 0, 0, 0, 50, 0, 0, 0, 0, 50, 0] as const };
  const field = { grid, affine, residuals: new Float32Array(24) };
  return {
    stage,
    field,
    inverse: field,
    quality: {
      bodyNodes: 8,
      negativeJacobians: 0.25,
      smallestJacobian: 1,
      largestJacobian: 1,
      inverseConsistencyMm: { median: 0.5, p95: 1 },
    },
    smoothedNodes: 0,
    result: { affine, kept: 7, tried: 9, parameters: {} },
    seconds: 1,
  };
}

/** Slices whose voxels have the number of their slice. */
export async function* fakeWarp({ fixed: { dims } }: WarpRequest): AsyncGenerator<Int16Array, void> {
  for (let k = 0; k < dims[2]; k++) {
    await Promise.resolve();
    yield new Int16Array(dims[0] * dims[1]).fill(k);
  }
}
