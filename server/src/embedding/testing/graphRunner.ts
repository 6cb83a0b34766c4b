/**
 * Runs single graphs of a model and sends back what they give, unpacked: forked by tests, because onnxruntime refuses the
 * typed arrays of a test runner's realm.
 */
import { openModel } from '../sessions.ts';
import type { OpenModel } from '../sessions.ts';
import type { ModelReference } from '../protocol.ts';
import type { GraphTensor } from '../tensors.ts';

/** One run of one graph, whose only input is "image". */
export interface RunMessage {
  readonly model: ModelReference;
  readonly graph: number;
  readonly image: GraphTensor;
}

/** The model of the first message stays open. */
let open: Promise<OpenModel> | undefined;

process.on('message', ({ model, graph, image }: RunMessage) => {
  void (async () => {
    const entry = model.manifest.graphs[graph];
    if (entry === undefined) throw new RangeError(`no graph ${graph}`);
    open ??= openModel(model, ['cpu'], 1, () => Promise.resolve());
    process.send?.(await (await open).run(entry, { image }));
  })();
});
process.on('disconnect', () => process.exit(0));
