import type { Context } from '../flows/context.ts';
import { SaveAttempts } from '../pairs/saveAttempts.ts';
import { PairStore } from '../pairs/store.ts';
import { Host } from '../viewer/host.ts';
import type { FakeHost } from './fakeHost.ts';
import type { FakeServer } from './fakeServer.ts';

/** What a flow works with, over a fake viewer and a fake server, with an empty store and the panel in view. */
export function contextOf(host: FakeHost, server: FakeServer): Context {
  return {
    host: new Host(host.parameters),
    store: new PairStore(),
    client: server.client,
    attempts: new SaveAttempts(),
    settings: { serverUrl: '/samepoint/api' },
    readableModalities: { known: ['CT'], load: () => Promise.resolve(['CT']) },
    panelVisible: () => true,
    compare: () => undefined,
  };
}
