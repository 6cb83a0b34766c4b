/**
 * What the panel's buttons and the tool's clicks do, from the page to the viewer.
 * @jest-environment <rootDir>/src/testing/browserEnvironment.mjs
 */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { COMPARE_PROTOCOL_ID, PANEL_ID, TOOL_NAME } from './ids.ts';
import type { AnnotationToolInstance, InteractionEvent, Point3 } from './ohif.d.ts';
import { Session } from './session.ts';
import { CT_MODEL, foundIn, pairOf } from './testing/examples.ts';
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

function opened(): { session: Session; panel: HTMLElement; unmount: () => void } {
  const session = new Session(fake.parameters);
  const panel = document.createElement('div');
  return { session, panel, unmount: session.mountPanel(panel) };
}

function button(panel: HTMLElement, name: string): HTMLButtonElement {
  return panel.querySelector<HTMLButtonElement>(`[data-samepoint="${name}"]`)!;
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

describe('a pair of the list', () => {
  test('is shown in both viewports', () => {
    const { session, panel } = opened();
    session.context.store.addPair(pairOf('a'));
    button(panel, 'go').click();
    expect(fake.viewports.get('left')?.jumps).toEqual([[0, 0, 20]]);
    expect(fake.viewports.get('right')?.jumps).toEqual([[4, -3, 40]]);
    expect(session.context.store.notices).toEqual([]);
  });

  test.each<[readonly string[], string]>([
    [['right'], 'The current series of this pair is not on the screen.'],
    [[], 'The current and the prior series of this pair are not on the screen.'],
  ])('says which series are not on the screen when only %j is', (shown, message) => {
    fake.panes = Object.fromEntries(Object.entries(fake.panes).filter(([id]) => shown.includes(id)));
    const { session, panel } = opened();
    session.context.store.addPair(pairOf('a'));
    button(panel, 'go').click();
    expect(session.context.store.notices).toMatchObject([
      { subject: 'Lesion a', code: 'viewer/not-shown', message, remedy: expect.stringContaining('Drag it') },
    ]);
    expect(panel.textContent).toContain(message);
  });

  test('is accepted, rejected and removed from the list', () => {
    const { session, panel } = opened();
    const { store } = session.context;
    store.addPair(pairOf('a'));
    button(panel, 'accept').click();
    expect(store.pair('a')?.state).toBe('accepted');
    button(panel, 'reject').click();
    expect(store.pair('a')?.state).toBe('rejected');
    button(panel, 'delete').click();
    expect(store.pairs).toEqual([]);
  });
});

describe('moving a pair', () => {
  test('uses the next click as the new place instead of a new search', async () => {
    const { session, panel } = opened();
    const { store } = session.context;
    store.addPair(pairOf('a'));
    button(panel, 'move').click();
    expect(store.moving?.id).toBe('a');
    expect(fake.commands).toContainEqual({ name: 'setToolActiveToolbar', options: { toolName: TOOL_NAME } });
    click('right', [7, 8, 45]);
    await settled();
    expect(store.pair('a')).toMatchObject({ state: 'moved', prior: { lps: [7, 8, 45] } });
    expect(store.moving).toBeUndefined();
    expect(server.seen).toEqual([]);
  });

  test('a click in the other series is refused in words, and the pair stays where it was', async () => {
    const { session, panel } = opened();
    const { store } = session.context;
    store.addPair(pairOf('a'));
    button(panel, 'move').click();
    click('left', [7, 8, 45]);
    await settled();
    expect(store.pair('a')).toMatchObject({ state: 'proposed', prior: { lps: [4, -3, 40] } });
    expect(store.notices).toMatchObject([{ code: 'viewer/wrong-series' }]);
    // The reader is still moving it.
    expect(store.moving?.id).toBe('a');
  });
});

describe('a server that answers again', () => {
  test('ends the complaints that it does not, and is announced to what waits for it', async () => {
    const { session, panel } = opened();
    const { store } = session.context;
    let announced = 0;
    session.onReachable(() => (announced += 1));
    server.routes = {};
    click('left', [0, 0, 20]);
    await settled();
    expect(store.notices).toMatchObject([{ code: 'viewer/unreachable' }]);
    server.routes = {
      'GET /models': () => json(200, { models: [CT_MODEL] }),
      'POST /matches': () => json(200, { matches: [foundIn('current', 'prior')] }),
    };
    button(panel, 'mend').click();
    await settled();
    expect(store.notices).toEqual([]);
    expect(store.pairs).toHaveLength(1);
    store.addNotice({ id: 'n', subject: 'x', code: 'viewer/unreachable', message: 'm', remedy: 'r' });
    await session.context.client.models();
    expect([store.notices.length, announced]).toEqual([0, 1]);
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

  test('mounted again before the old one is gone, it stays the one in view', () => {
    const { session, unmount } = opened();
    const second = document.createElement('div');
    session.mountPanel(second);
    unmount();
    expect(session.context.panelVisible()).toBe(true);
    session.context.store.addPair(pairOf('a'));
    expect(second.querySelectorAll('[data-samepoint="pair"]')).toHaveLength(1);
  });

  test('offers side by side where two studies are loaded and one is shown', () => {
    const both = fake.displaySets;
    fake.panes = { left: both[0]! };
    const { session, panel } = opened();
    session.refreshPanel();
    expect(button(panel, 'compare').hidden).toBe(false);
    button(panel, 'compare').click();
    expect(fake.commands).toContainEqual({
      name: 'setHangingProtocol',
      options: { protocolId: COMPARE_PROTOCOL_ID },
    });
    fake.panes = { left: both[0]!, right: both[1]! };
    session.refreshPanel();
    expect(button(panel, 'compare').hidden).toBe(true);
  });

  test('side by side, a study that was not in the URL is added to those that the host can hang', () => {
    const both = fake.displaySets;
    fake.panes = { left: both[0]! };
    fake.studies = [{ StudyInstanceUID: '1.2.current' }];
    const { panel } = opened();
    button(panel, 'compare').click();
    expect(fake.commands).toEqual([
      {
        name: 'hangingProtocolService.run',
        options: {
          studies: [{ StudyInstanceUID: '1.2.current' }, { StudyInstanceUID: '1.2.prior' }],
          displaySets: both,
          activeStudy: { StudyInstanceUID: '1.2.current' },
          protocolId: COMPARE_PROTOCOL_ID,
        },
      },
    ]);
  });
});

describe('settings', () => {
  test('that are wrong are reported once each, and who can correct them', () => {
    fake.appConfig = { samepoint: { serverURL: '/x' } };
    const { session } = opened();
    expect(session.context.store.notices).toMatchObject([
      {
        subject: 'Settings in app-config.js',
        code: 'viewer/bad-setting',
        remedy: 'The default is used. Contact your administrator to correct it.',
      },
    ]);
  });
});
