/**
 * An inference process that misbehaves, for tests: forked instead of worker.ts. What it does depends on the providers it
 * gets in the request: "webgpu" ends it while it opens, "dml" makes it deaf, anything else is answered with no maps.
 */
import type { FromWorker, ToWorker } from '../process/protocol.ts';

process.on('message', (message: ToWorker) => {
  if (message.type !== 'embed') return;
  const [provider = 'cpu'] = message.settings.providers;
  const say = (answer: FromWorker, then?: () => void): void => {
    process.send?.(answer, () => then?.());
  };
  say({ type: 'trying', provider }, () => {
    if (provider === 'webgpu') process.exit(134);
    if (provider === 'dml') for (;;);
    say({ type: 'running', provider, refused: [] });
    say({ type: 'done', id: message.id, maps: [], sent: 0 });
  });
});
process.on('disconnect', () => process.exit(0));
