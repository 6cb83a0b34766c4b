/**
 * What the actions of the panel, keys and clicks do to a lesion of the list.
 * @jest-environment <rootDir>/src/testing/browserEnvironment.mjs
 */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { TOOL_NAME } from './ids.ts';
import { omit } from './lesions/omit.ts';
import { observationOf } from './lesions/review.ts';
import type { AnnotationToolInstance, InteractionEvent, Point3 } from './ohif.d.ts';
import { Session } from './session.ts';
import { lesionOf, proposed, uidOf } from './testing/examples.ts';
import { axialSeries, FakeHost } from './testing/fakeHost.ts';
import { FakeServer } from './testing/fakeServer.ts';

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
  server = new FakeServer();
  globalThis.fetch = server.fetch;
});

afterEach(() => {
  globalThis.fetch = originalFetch;
});

function opened(): { readonly session: Session } {
  const session = new Session(fake.parameters);
  session.mountPanel(document.createElement('div'));
  return { session };
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
describe('keys', () => {
  const press = (command: string, target: EventTarget = document.body): void => {
    const evt = new KeyboardEvent('keydown', { bubbles: true });
    target.addEventListener('keydown', () => fake.registered.get(`samepoint.${command}`)?.({ evt }), {
      once: true,
    });
    target.dispatchEvent(evt);
  };

  test('act on the review, and not while the reader types or where there is none', () => {
    const { session } = opened();
    press('next');
    session.context.lesions.addStored([lesionOf('a')]);
    expect(session.context.lesions.selected).toBeUndefined();
    void session.context.timePoints.refresh();
    const input = document.createElement('input');
    document.body.append(input);
    press('next', input);
    expect(session.context.lesions.selected).toBeUndefined();
    press('next');
    expect(session.context.lesions.selected).toBe(uidOf('a'));
    input.remove();
  });
});

describe('a lesion of the list', () => {
  test('is shown where it is on the screen', () => {
    const { session } = opened();
    session.context.lesions.add(lesionOf('a'));
    session.model.actions.goTo(uidOf('a'));
    expect(fake.viewports.get('left')?.jumps).toEqual([[0, 0, 20]]);
    expect(fake.viewports.get('right')?.jumps).toEqual([[4, -3, 40]]);
    session.model.actions.goTo(uidOf('a'), '1.2.prior');
    expect(fake.viewports.get('left')?.jumps).toHaveLength(1);
    expect(codes(session)).toEqual([]);
  });

  test('that is not on the screen is offered to be shown, and the viewports go to it then', async () => {
    const both = fake.panes;
    fake.panes = { left: fake.panes.left! };
    const { session } = opened();
    void session.context.timePoints.refresh();
    session.context.lesions.add(lesionOf('a'));
    session.model.actions.goTo(uidOf('a'), '1.2.prior');
    const notice = session.model.state().notices.find(({ code }) => code === 'viewer/not-shown');
    expect(notice?.message).toBe('The screen does not show the CT of 2023-02-11.');
    session.model.actions.mendNotice(notice!.id);
    await settled();
    expect(fake.commands.map(({ name }) => name)).toContain('hangingProtocolService.run');
    expect(fake.viewports.get('right')?.jumps).toEqual([]);
    fake.panes = both;
    session.screenChanged();
    expect(fake.viewports.get('right')?.jumps).toEqual([[4, -3, 40]]);
    session.screenChanged();
    expect(fake.viewports.get('right')?.jumps).toHaveLength(1);
  });

  test('without a place there is nothing to go to', () => {
    const outside = omit(proposed({ status: 'not-covered' }), 'place');
    const { session } = opened();
    session.context.lesions.add(lesionOf('a', [outside]));
    session.model.actions.goTo(uidOf('a'));
    expect(codes(session)).toEqual(['viewer/no-place']);
  });

  test('is named, given a role and removed from the list', () => {
    const { session } = opened();
    const { actions } = session.model;
    session.context.lesions.add(lesionOf('a'));
    actions.rename(uidOf('a'), 'Segment 8');
    actions.setRole(uidOf('a'), 'non-target');
    expect(session.context.lesions.lesions).toMatchObject([{ label: 'Segment 8', role: 'non-target' }]);
    actions.remove(uidOf('a'));
    expect(session.context.lesions.lesions).toEqual([]);
  });
});

describe('placing a lesion', () => {
  test('uses the next click as the new place instead of a new search', async () => {
    const { session } = opened();
    const { lesions } = session.context;
    lesions.add(lesionOf('a'));
    session.model.actions.place(uidOf('a'), '1.2.prior');
    expect(session.model.state().placing).toBe(uidOf('a'));
    expect(fake.commands).toContainEqual({ name: 'setToolActiveToolbar', options: { toolName: TOOL_NAME } });
    click('right', [7, 8, 45]);
    await settled();
    expect(observationOf(lesions.lesions[0], '1.2.prior')).toMatchObject({
      place: { lps: [7, 8, 45] },
      isSaved: false,
    });
    expect(lesions.placing).toBeUndefined();
    expect(server.seen).toEqual([]);
  });

  test('a click in the other scan is refused in words, and the lesion still waits', async () => {
    const { session } = opened();
    session.context.lesions.add(lesionOf('a'));
    session.model.actions.place(uidOf('a'), '1.2.prior');
    click('left', [7, 8, 45]);
    await settled();
    expect(codes(session)).toEqual(['viewer/wrong-series']);
    expect(session.model.state().placing).toBe(uidOf('a'));
    session.model.actions.stopPlacing();
    expect(session.model.state().placing).toBeUndefined();
  });
});
