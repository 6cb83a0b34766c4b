/**
 * The extension as OHIF drives it: registered once, modes entered and exited many times.
 * @jest-environment <rootDir>/src/testing/browserEnvironment.mjs
 */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Extension } from './extension.ts';
import { createExtension } from './extension.ts';
import { compareProtocol } from './hangingProtocol.ts';
import {
  BUTTON_ID,
  CURSOR_BUTTON_ID,
  EXTENSION_ID,
  LINK_BUTTON_ID,
  PANEL_ID,
  SIMILARITY_BUTTON_ID,
  TOOL_NAME,
} from './ids.ts';
import type {
  AnnotationToolInstance,
  EnabledElement,
  ExtensionParameters,
  InteractionEvent,
  Point3,
} from './ohif.d.ts';
import { REVIEW_COMMANDS } from './panel/model.ts';
import { axialSeries, FakeHost } from './testing/fakeHost.ts';
import { CT_MODEL, foundIn } from './testing/examples.ts';
import { FakeServer, json } from './testing/fakeServer.ts';

/** Link, link with pan and zoom, live cursor. */
const VIEW_COMMANDS = 6;

interface Tool extends AnnotationToolInstance {
  addNewAnnotation(event: InteractionEvent): object;
  _dragCallback(event: InteractionEvent): void;
  _endCallback(event: InteractionEvent): void;
  renderAnnotation(element: EnabledElement, helper: object): boolean;
  cancel(element: HTMLDivElement): string | undefined;
}

let fake: FakeHost;
let server: FakeServer;
let extension: Extension;
const originalFetch = globalThis.fetch;

beforeEach(() => {
  fake = new FakeHost({ left: axialSeries('current', '20240301'), right: axialSeries('prior', '20230211') });
  server = new FakeServer({
    'GET /reports?studyInstanceUid=1.2.current': () => json(200, { reports: [] }),
    'GET /reports?studyInstanceUid=1.2.prior': () => json(200, { reports: [] }),
    'GET /findings?studyInstanceUid=1.2.current': () => json(200, { findings: [] }),
    'GET /findings?studyInstanceUid=1.2.prior': () => json(200, { findings: [] }),
    'POST /matches': () => json(200, { matches: [foundIn('current', 'prior')] }),
    'GET /models': () => json(200, { models: [CT_MODEL] }),
  });
  fake.appConfig = { samepoint: { serverUrl: 'https://viewer.test/samepoint/api' } };
  globalThis.fetch = server.fetch;
  extension = createExtension();
  extension.preRegistration(fake.parameters);
});

afterEach(() => {
  extension.onModeExit();
  globalThis.fetch = originalFetch;
});

/** Enters a mode in OHIF's order: services, extensions, the mode itself. */
async function enterMode(): Promise<void> {
  fake.resetForMode();
  extension.onModeEnter();
  fake.createToolGroup('default');
  fake.sections.set('primary', ['Zoom']);
  fake.panels.push({ id: 'measurements' });
  await Promise.resolve();
  fake.events.displaySets.fire('DISPLAY_SETS_ADDED');
}

function toolOf(): Tool {
  const [ToolClass] = fake.addedTools;
  return new ToolClass!() as Tool;
}

function mouse(pane: string, world: Point3): InteractionEvent {
  const { element } = fake.viewports.get(pane)!;
  return Object.assign(new Event('mouse'), {
    detail: { element, currentPoints: { world } },
  });
}

async function settled(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 0));
}

interface PanelEntry {
  readonly name: string;
  readonly component: () => { ref: (node: HTMLElement | null) => void };
}

interface HangingProtocolEntry {
  readonly name: string;
  readonly protocol: (parameters: ExtensionParameters) => object;
}

function mountPanel(): HTMLElement {
  const [entry] = extension.getPanelModule() as readonly PanelEntry[];
  const container = document.createElement('div');
  entry?.component().ref(container);
  return container;
}

describe('registration', () => {
  test('one tool, made from the probe of the host', () => {
    expect(fake.addedTools.map(({ toolName }) => toolName)).toEqual([TOOL_NAME]);
    const [entry] = extension.getPanelModule() as readonly PanelEntry[];
    expect(`${extension.id}.panelModule.${entry?.name ?? ''}`).toBe(PANEL_ID);
    expect(extension.id).toBe(EXTENSION_ID);
  });

  test('a wrong setting is shown in the panel, and the viewer starts all the same', () => {
    fake.appConfig = { samepoint: { serverURL: '/x' } };
    extension = createExtension();
    extension.preRegistration(fake.parameters);
    expect(mountPanel().textContent).toContain('samepoint.serverURL is not a setting');
  });

  test('where it cannot start, the host goes on without it, and links that name its hanging protocol open', () => {
    const { extensionManager, ...rest } = fake.parameters;
    const parameters = {
      ...rest,
      extensionManager: { ...extensionManager, getModuleEntry: () => undefined },
    };
    const broken = createExtension();
    broken.preRegistration(parameters);
    expect(fake.toasts[0]?.message).toContain('@ohif/extension-cornerstone');
    const [entry] = broken.getHangingProtocolModule() as readonly HangingProtocolEntry[];
    expect(entry?.name).toBe(compareProtocol.id);
    expect(entry?.protocol(parameters)).toEqual({ protocol: { id: 'default' } });
    expect(() => {
      broken.onModeEnter();
      broken.onModeExit();
    }).not.toThrow();
  });
});

describe('modes', () => {
  test('entering and exiting keeps one button, one tool, one panel and no listener', async () => {
    const counts = (): number[] => Object.values(fake.events).map(({ listenerCount }) => listenerCount);
    await enterMode();
    const once = counts();
    for (let round = 0; round < 3; round += 1) {
      extension.onModeExit();
      expect(counts()).toEqual([0, 0, 0, 0]);
      await enterMode();
    }
    expect(counts()).toEqual(once);
    // Without corners in the viewports, the button of the link is in the main toolbar as well.
    const buttons = [BUTTON_ID, LINK_BUTTON_ID, CURSOR_BUTTON_ID, SIMILARITY_BUTTON_ID];
    expect(fake.sections.get('primary')).toEqual(['Zoom', ...buttons]);
    expect([...fake.buttons.keys()]).toEqual(buttons);
    expect(fake.panels).toEqual([{ id: 'measurements' }, { id: PANEL_ID }]);
    expect([...(fake.toolGroups.get('default') ?? [])]).toEqual([[TOOL_NAME, 'Passive']]);
  });

  test('a mode without tool groups, such as microscopy, gets neither panel nor button', async () => {
    fake.resetForMode();
    extension.onModeEnter();
    await settled();
    expect(fake.panels).toEqual([]);
    expect(fake.buttons.size).toBe(0);
    fake.createToolGroup('default');
    await settled();
    expect(fake.panels).toEqual([{ id: PANEL_ID }]);
  });

  test('the icon is there as long as the mode', async () => {
    const shapes = (): number =>
      [...document.head.querySelectorAll('style')].filter(({ textContent }) =>
        textContent.includes('clip-path'),
      ).length;
    await enterMode();
    expect(shapes()).toBe(1);
    extension.onModeExit();
    expect(shapes()).toBe(0);
  });

  test('a mode that exits at once gets nothing', async () => {
    extension.onModeEnter();
    extension.onModeExit();
    await Promise.resolve();
    expect(fake.panels).toEqual([]);
    expect(fake.buttons.size).toBe(0);
  });

  test('lesions outlive the mode; markers do not, and come back with it', async () => {
    await enterMode();
    const tool = toolOf();
    tool.addNewAnnotation(mouse('left', [1, 2, 3]));
    tool._endCallback(mouse('left', [1, 2, 3]));
    await settled();
    expect(fake.annotations.size).toBe(2);
    extension.onModeExit();
    expect(fake.annotations.size).toBe(0);
    expect(fake.toasts.at(-1)?.message).toBe(
      '1 observation is not saved to the PACS, 1 observation is not decided on. Open the study again to finish.',
    );
    await enterMode();
    fake.events.viewports.fire('VIEWPORT_DATA_CHANGED');
    expect(fake.annotations.size).toBe(2);
    expect(mountPanel().textContent).toContain('Lesion 1');
  });

  test('each has the keys of the review and its line in the overlay of the viewports, once', async () => {
    for (let round = 0; round < 2; round += 1) {
      await enterMode();
      expect(fake.hotkeys.map(({ commandName }) => commandName)).toEqual([...fake.registered.keys()]);
      expect(new Set(fake.hotkeys.map(({ keys }) => keys.join('+'))).size).toBe(
        REVIEW_COMMANDS.length + VIEW_COMMANDS,
      );
      expect(fake.customizations).toHaveLength(1);
      extension.onModeExit();
    }
  });

  test('a host without hotkeys has none', async () => {
    fake.hasHotkeys = false;
    extension = createExtension();
    extension.preRegistration(fake.parameters);
    await enterMode();
    expect(fake.hotkeys).toEqual([]);
    expect(fake.panels).toEqual([{ id: 'measurements' }, { id: PANEL_ID }]);
  });
});

describe('the tool', () => {
  beforeEach(enterMode);

  test('a click on the marker of a lesion selects it, and makes no second lesion', async () => {
    const panel = mountPanel();
    const clickAt = async (world: Point3): Promise<void> => {
      const tool = toolOf();
      tool.addNewAnnotation(mouse('left', world));
      tool._endCallback(mouse('left', world));
      await settled();
    };
    const lesions = (): readonly string[] => [...new Set(panel.textContent.match(/Lesion \d/gu))];
    fake.viewports.get('left')!.z = 20;
    await clickAt([0, 0, 20]);
    const { length } = fake.viewports.get('right')!.jumps;
    await clickAt([4, 4, 20]);
    expect(lesions()).toEqual(['Lesion 1']);
    expect(fake.viewports.get('right')!.jumps).toHaveLength(length + 1);
    await clickAt([15, 4, 20]);
    expect(lesions()).toEqual(['Lesion 1', 'Lesion 2']);
  });

  test('a click opens the panel, sends a request to the server and draws both points', async () => {
    const tool = toolOf();
    tool.addNewAnnotation(mouse('left', [0, 0, 20]));
    expect(fake.annotations.has('samepoint-draft')).toBe(true);
    tool._dragCallback(mouse('left', [0, 0, 20]));
    tool._endCallback(mouse('left', [0, 0, 20]));
    expect(fake.annotations.has('samepoint-draft')).toBe(false);
    await settled();
    expect(fake.commands).toContainEqual({ name: 'activatePanel', options: { id: PANEL_ID } });
    const right = fake.viewports.get('right')!;
    expect(right.jumps).toEqual([[4, -3, 40]]);
    expect(tool.renderAnnotation({ viewport: right }, {})).toBe(true);
    expect(fake.drawn).toEqual([
      { kind: 'radius-halo' },
      { kind: 'radius' },
      { kind: 'ring-halo' },
      { kind: 'ring' },
      { kind: 'moving-halo' },
      { kind: 'moving' },
      { kind: 'text', lines: ['Lesion 1', '± 4 mm'] },
    ]);
    expect(tool.renderAnnotation({ viewport: fake.viewports.get('left')! }, {})).toBe(false);
  });

  test('Escape places nothing', async () => {
    const tool = toolOf();
    tool.addNewAnnotation(mouse('left', [0, 0, 20]));
    tool.cancel(fake.viewports.get('left')!.element);
    tool._endCallback(mouse('left', [0, 0, 20]));
    await settled();
    expect(fake.annotations.size).toBe(0);
    expect(server.seen.filter(({ path }) => path === '/matches')).toEqual([]);
  });
});

describe('hanging protocol', () => {
  test('prefers the series that the model of the server reads, once the server has said which', async () => {
    const isReadable = fake.attributes.get('samepointIsReadable');
    const readable = (): unknown[] =>
      ['CT', 'PT'].map((Modality) => isReadable?.({ StudyInstanceUID: '1.2', Modality }));
    expect(readable()).toEqual([true, true]);
    await enterMode();
    await settled();
    expect(readable()).toEqual([true, false]);
  });

  test('ranks the studies by date, whatever the order of the URL', () => {
    const rank = fake.attributes.get('samepointStudyRank');
    const studies = [{ StudyInstanceUID: '1.2.prior' }, { StudyInstanceUID: '1.2.current' }];
    expect(studies.map((study) => rank?.(study, { studies }))).toEqual([1, 0]);
  });

  test('shows one row with two viewports', () => {
    const [entry] = extension.getHangingProtocolModule();
    expect(entry).toMatchObject({ name: compareProtocol.id, protocol: compareProtocol });
    expect(compareProtocol.stages[0]?.viewportStructure.properties).toEqual({ rows: 1, columns: 2 });
    expect(compareProtocol.stages[0]?.viewports).toHaveLength(2);
  });
});
