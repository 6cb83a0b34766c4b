import type { RegisterRequest, RegistrationFacts, WarpRequest } from '../../warp/index.ts';
/** A registration that moves nothing. */
export declare function fakeRegistration({ stage }: Pick<RegisterRequest, 'stage'>): RegistrationFacts;
/** Slices whose voxels have the number of their slice. */
export declare function fakeWarp({ fixed: { dims } }: WarpRequest): AsyncGenerator<Int16Array, void>;
