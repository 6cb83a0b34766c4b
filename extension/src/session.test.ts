/**
 * What the panel shows and does, from the page to the viewer and the server.
 * @jest-environment <rootDir>/src/testing/browserEnvironment.mjs
 */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { COMPARE_PROTOCOL_ID, PANEL_ID } from './ids.ts';
import type { AnnotationToolInstance, InteractionEvent, Point3 } from './ohif.d.ts';
import { Session } from './session.ts';
import { CT_MODEL, findingIn, foundIn, lesionOf, marked, uidOf } from './testing/examples.ts';
import { axialSeries, FakeHost } from './testing/fakeHost.ts';
import { FakeServer, json } from './testing/fakeServer.ts';

interface Tool extends AnnotationToolInstance {
  addNewAnnotation(event: InteractionEvent): object;
  _endCallback(event: InteractionEvent): void;
}

let fake: FakeHost;
let server: FakeServer;
const originalFetch = globalThis.fetch;

beforeEach(() => {
  fake = new FakeHost({ left: axialSeries('current', '20240301'), right: axialSeries('prior', '20230211') });
  fake.appConfig = { samepoint: { serverUrl: 'https://viewer.test/samepoint/api' } };
  server = new FakeServer({ 'POST /matches': () => json(200, { matches: [foundIn('current', 'prior')] }) });
  globalThis.fetch = server.fetch;
});

afterEach(() => {
  globalThis.fetch = originalFetch;
});

function opened(): { readonly session: Session; readonly unmount: () => void } {
  const session = new Session(fake.parameters);
  return { session, unmount: session.mountPanel(document.createElement('div')) };
}

function click(pane: string, world: Point3): void {
  const [ToolClass] = fake.addedTools;
  const tool = new ToolClass!() as Tool;
  const { element } = fake.viewports.get(pane)!;
  const event = Object.assign(new Event('mouse'), { detail: { element, currentPoints: { world } } });
  tool.addNewAnnotation(event);
  tool._endCallback(event);
}

async function settled(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 0));
}

const codes = (session: Session) => session.context.activity.notices.map(({ code }) => code);
const studyOf = (name: string, date: string): object => ({
  studyInstanceUid: `1.2.${name}`,
  date,
  description: '',
  modalities: ['CT'],
  series: [
    {
      seriesInstanceUid: `1.2.${name}.9`,
      description: '',
      modality: 'CT',
      images: 40,
      isComparable: true,
      reasons: [],
    },
  ],
  hasReports: name === 'prior',
});

/** Routes of a server that knows a prior with one finding. */
const WITH_PRIOR = {
  'GET /models': () => json(200, { models: [CT_MODEL] }),
  'GET /priors?studyInstanceUid=1.2.current': () =>
    json(200, {
      current: studyOf('current', '2024-03-01'),
      priors: [studyOf('prior', '2023-02-11')],
      warnings: [],
    }),
  'POST /series-embeddings': () => json(200, { state: 'ready' }),
  'GET /findings?studyInstanceUid=1.2.current': () => json(200, { findings: [], warnings: [] }),
  'GET /findings?studyInstanceUid=1.2.prior': () =>
    json(200, { findings: [findingIn('prior', 'a')], warnings: [] }),
  'GET /reports?studyInstanceUid=1.2.current': () => json(200, { reports: [] }),
  'GET /reports?studyInstanceUid=1.2.prior': () => json(200, { reports: [] }),
  'POST /matches': () => json(200, { matches: [{ ...foundIn('prior', 'current'), pointId: uidOf('a') }] }),
};

describe('a follow-up', () => {
  test('from the prior that is not loaded to a saved report, by the actions of the panel', async () => {
    const saved: unknown[] = [];
    server.routes = {
      ...WITH_PRIOR,
      'POST /time-point-reports': ({ body }) => {
        saved.push(body);
        return json(201, { studyInstanceUid: '1.2.current', seriesInstanceUid: '2', sopInstanceUid: '3' });
      },
    };
    fake.displaySets = [fake.panes.left!];
    fake.panes = { left: fake.panes.left! };
    const { session } = opened();
    const { model } = session;
    await session.studiesChanged();
    expect(model.state()).toMatchObject({
      currentStudy: '1.2.current',
      timePoints: [{ date: '2023-02-11', isLoaded: false }, { isCurrent: true }],
      carryOver: { fromDate: '2023-02-11', count: 1 },
      canCompare: true,
      unsaved: 0,
      keys: { accept: 'Y', confirm: 'Shift+Y' },
    });
    model.actions.run('findAll');
    await settled();
    expect(model.state()).toMatchObject({
      carryOver: undefined,
      review: { order: [uidOf('a')], selected: uidOf('a'), decided: 0, total: 1 },
    });
    expect(session.overlay.textFor('left')).toBe('1 of 1 · Lesion a · ± 4 mm');
    model.actions.run('accept');
    expect(model.state()).toMatchObject({ unsaved: 1, canUndo: true, review: { decided: 1 } });
    expect(session.overlay.textFor('left')).toBe('1 of 1 · Lesion a');
    model.actions.run('save');
    expect(model.state().isSaving).toBe(true);
    await settled();
    expect(model.state()).toMatchObject({ unsaved: 0, isSaving: false, notices: [] });
    expect(saved).toMatchObject([
      { observations: [{ label: 'Lesion a', carriedOver: { review: 'accepted' } }] },
    ]);
  });

  test('the state is one value until something changes', async () => {
    server.routes = WITH_PRIOR;
    const { session } = opened();
    await session.studiesChanged();
    const before = session.model.state();
    expect(session.model.state()).toBe(before);
    let changes = 0;
    const unsubscribe = session.model.subscribe(() => (changes += 1));
    session.model.actions.highlight(uidOf('a'));
    expect([changes, session.model.state() === before]).toEqual([1, false]);
    unsubscribe();
    session.model.actions.highlight(undefined);
    expect(changes).toBe(1);
  });

  test('lesions of another patient are not for this screen, nor saved with it', async () => {
    server.routes = WITH_PRIOR;
    const { session } = opened();
    await session.studiesChanged();
    session.context.lesions.add(lesionOf('z', [marked('elsewhere', [0, 0, 0])]));
    expect(session.model.state().lesions.map(({ label }) => label)).toEqual(['Lesion a']);
    expect(session.model.state().unsaved).toBe(0);
    session.model.actions.run('save');
    await settled();
    expect(server.seen.filter(({ path }) => path === '/time-point-reports')).toEqual([]);
  });
});

describe('a server that answers again', () => {
  test('ends the complaints that it does not, and is announced to what waits for it', async () => {
    const { session } = opened();
    const { activity, lesions } = session.context;
    let announced = 0;
    session.onReachable(() => (announced += 1));
    server.routes = {};
    await session.context.timePoints.refresh();
    click('left', [0, 0, 20]);
    await settled();
    expect(new Set(codes(session))).toEqual(new Set(['viewer/unreachable']));
    const notice = activity.notices.find(({ subject }) => subject === 'Lesion 1');
    server.routes = {
      ...WITH_PRIOR,
      'POST /matches': () => json(200, { matches: [foundIn('current', 'prior')] }),
    };
    session.model.actions.mendNotice(notice!.id);
    await settled();
    expect(activity.notices).toEqual([]);
    expect(lesions.lesions).toHaveLength(1);
    expect(announced).toBe(1);
  });
});

describe('the panel', () => {
  test('is brought to the front by a click when it is not mounted, and not otherwise', async () => {
    const { unmount } = opened();
    click('left', [0, 0, 20]);
    await settled();
    const shown = { name: 'activatePanel', options: { id: PANEL_ID } };
    expect(fake.commands).not.toContainEqual(shown);
    unmount();
    click('left', [0, 0, 20]);
    await settled();
    expect(fake.commands).toContainEqual(shown);
  });

  test('mounted again before the old one is gone, it stays in view', () => {
    const { session, unmount } = opened();
    session.mountPanel(document.createElement('div'));
    unmount();
    expect(session.context.panelVisible()).toBe(true);
  });

  test('offers side by side where the patient has another study that is not shown', async () => {
    server.routes = WITH_PRIOR;
    const both = fake.panes;
    fake.panes = { left: both.left! };
    const { session } = opened();
    await session.studiesChanged();
    expect(session.model.state().canCompare).toBe(true);
    session.model.actions.compare();
    await settled();
    expect(fake.commands).toMatchObject([
      {
        name: 'hangingProtocolService.run',
        options: { protocolId: COMPARE_PROTOCOL_ID, activeStudy: { StudyInstanceUID: '1.2.current' } },
      },
    ]);
    fake.panes = both;
    session.screenChanged();
    expect(session.model.state().canCompare).toBe(false);
  });
});

describe('settings', () => {
  test('that are wrong are reported once each, and who can correct them', () => {
    fake.appConfig = { samepoint: { serverURL: '/x' } };
    const { session } = opened();
    expect(session.context.activity.notices).toMatchObject([
      {
        subject: 'Settings in app-config.js',
        code: 'viewer/bad-setting',
        remedy: 'The default is used. Contact your administrator to correct it.',
      },
    ]);
  });
});
