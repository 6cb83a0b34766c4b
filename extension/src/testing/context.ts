import type { Context } from '../flows/context.ts';
import { TimePoints } from '../flows/timePoints.ts';
import { ActivityStore } from '../lesions/activityStore.ts';
import { LesionStore } from '../lesions/lesionStore.ts';
import { SaveAttempts } from '../lesions/saveAttempts.ts';
import { Host } from '../viewer/host.ts';
import type { FakeHost } from './fakeHost.ts';
import type { FakeServer } from './fakeServer.ts';

/** What a flow works with, and the studies that it requested to be shown. */
export interface TestContext extends Context {
  readonly shown: string[];
}

/**
 * What a flow works with, over a fake viewer and a fake server, with empty stores and the panel in view. The time points are those that
 * the viewer has loaded; others are not requested.
 */
export function contextOf(fake: FakeHost, server: FakeServer, changes: Partial<Context> = {}): TestContext {
  const shown: string[] = [];
  const activity = new ActivityStore();
  const common = {
    host: new Host(fake.parameters),
    activity,
    client: server.client,
    readableModalities: { known: ['CT'], load: () => Promise.resolve(['CT']) },
    panelVisible: () => true,
    compare: () => undefined,
    ...changes,
  };
  const never = (): Promise<never> => new Promise(() => undefined);
  const client = { priors: never, embedSeries: never };
  const timePoints = new TimePoints({ ...common, client, model: undefined, urlStudies: () => [] });
  void timePoints.refresh();
  return {
    lesions: new LesionStore(),
    timePoints,
    attempts: new SaveAttempts(),
    settings: { serverUrl: '/samepoint/api', keepUnsavedDays: 7 },
    show: (study) => void shown.push(study),
    shown,
    ...common,
  };
}
