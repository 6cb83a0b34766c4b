/**
 * Runs in a worker thread: registers a pair, or resamples some slices.
 * @module
 */
import { answering } from '../../concurrency/index.ts';
import { adoptEmbedding } from '../../search/index.ts';
import { rounded } from '../files/images.ts';
import { warpedSlices } from '../image/warpSlices.ts';
import { factsOf, registerPair } from '../register.ts';
import type { WarpAnswer, WarpTask } from './task.ts';

export default answering(work, (answer) =>
  'field' in answer
    ? [answer.field, answer.inverse].map(({ residuals }) => residuals.buffer as ArrayBuffer)
    : [answer.buffer],
);

function work(task: WarpTask): WarpAnswer {
  if (task.kind === 'warp') return warped(task);
  const { query, target, model, stage, turn } = task;
  const pair = { query: adoptEmbedding(query), target: adoptEmbedding(target) };
  return factsOf(registerPair({ ...pair, model, stage, turn }));
}

function warped({
  grid,
  moving,
  field,
  outside,
}: Extract<WarpTask, { readonly kind: 'warp' }>): Int16Array<ArrayBuffer> | Float32Array<ArrayBuffer> {
  const cells = grid.dims[0] * grid.dims[1];
  const count = cells * grid.dims[2];
  const values = moving.data instanceof Int16Array ? new Int16Array(count) : new Float32Array(count);
  let at = 0;
  for (const slice of warpedSlices(grid, moving, field, { outside })) {
    values.set(values instanceof Int16Array ? rounded(slice) : slice, at);
    at += cells;
  }
  return values;
}
