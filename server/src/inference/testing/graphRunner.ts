/**
 * Runs single graphs of a model and sends back what they give, unpacked: forked by tests, because onnxruntime refuses the
 * typed arrays of a test runner's realm.
 */
import { readGraphs } from '../readGraphs.ts';
import { openSessions } from '../sessions.ts';
import type { Sessions } from '../sessions.ts';
import type { ModelReference } from '../../preprocessing/types.ts';
import type { GraphTensor } from '../tensors.ts';

/** One run of one graph, whose only input is "image". */
export interface RunMessage {
  readonly model: ModelReference;
  readonly graph: number;
  readonly image: GraphTensor;
}

/** The model of the first message stays open. */
let open: Promise<Sessions> | undefined;

let work: Promise<void> = Promise.resolve();

process.on('message', ({ model, graph, image }: RunMessage) => {
  work = work.then(async () => {
    const entry = model.manifest.graphs[graph];
    if (entry === undefined) throw new RangeError(`no graph ${graph}`);
    open ??= readGraphs(model).then((files) => openSessions(model.id, files, 'cpu', () => 1));
    const { run, forget } = await open;
    process.send?.(await run(entry, { image }));
    // Whatever they have kept, the graphs of the next message give the same.
    await forget();
  });
});
process.on('disconnect', () => process.exit(0));
