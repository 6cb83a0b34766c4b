import { reportFailure } from './flows/context.ts';
import { StoredReports } from './flows/stored.ts';
import { addIcon } from './icon.ts';
import { PANEL_ID } from './ids.ts';
import type { PanelService, PubSub, Unsubscribe } from './ohif.d.ts';
import type { Session } from './session.ts';
import { addButton, addToolToGroups } from './toolbar.ts';
import { MarkerLayer } from './viewer/annotations.ts';
import { markersOf } from './viewer/marker.ts';

/** Codes of what is over when the viewports show something else. */
const ABOUT_THE_SCREEN = ['viewer/nothing-to-compare', 'viewer/not-shown'] as const;

function addPanel(panelService: PanelService): void {
  const present = panelService.getPanels('right').some((panel) => panel.id === PANEL_ID);
  if (!present) panelService.addPanel('right', PANEL_ID);
}

/** Subscribes to an event if this version of the host has it. */
function on(service: PubSub, eventName: string, listener: () => void): Unsubscribe {
  const event = service.EVENTS[eventName];
  if (event === undefined) return () => undefined;
  return service.subscribe(event, listener).unsubscribe;
}

function countOf({ length }: readonly unknown[], what: string): string {
  if (length === 0) return '';
  return length === 1 ? `1 pair is ${what}` : `${length} pairs are ${what}`;
}

/** Calls the listener for the key Escape anywhere on the page, before the host's hotkeys; the result ends that. */
function onEscape(listener: () => void): Unsubscribe {
  const onKey = ({ key }: KeyboardEvent): void => {
    if (key === 'Escape') listener();
  };
  document.addEventListener('keydown', onKey, { capture: true });
  return () => {
    document.removeEventListener('keydown', onKey, { capture: true });
  };
}

/** Sets up the extension when a mode is entered and removes it when the mode exits, so that nothing exists twice. */
export class ModeLifecycle {
  readonly #session: Session;
  #undo: readonly Unsubscribe[] = [];

  constructor(session: Session) {
    this.#session = session;
  }

  enter(): void {
    this.exit();
    const { context } = this.#session;
    const { services } = context.host;
    const { displaySetService, viewportGridService, cornerstoneViewportService } = services;
    const markers = new MarkerLayer(context.host);
    const stored = new StoredReports(context);
    const drawMarkers = (): void => {
      const { pairs, searches, moving } = context.store;
      markers.sync(markersOf(pairs, searches, moving?.id));
    };
    const studiesChanged = (): void => {
      this.#session.refreshPanel();
      void stored.loadNew();
    };
    const viewportsChanged = (): void => {
      context.store.mendedCodes(...ABOUT_THE_SCREEN);
      this.#session.refreshPanel();
      drawMarkers();
    };
    this.#undo = [
      addToolToGroups(services.toolGroupService),
      addIcon(document),
      onEscape(() => {
        this.#session.stopMoving();
      }),
      context.store.subscribe(drawMarkers),
      this.#session.onReachable(() => void stored.loadNew()),
      on(displaySetService, 'DISPLAY_SETS_ADDED', studiesChanged),
      on(viewportGridService, 'GRID_STATE_CHANGED', () => {
        this.#session.refreshPanel();
      }),
      on(cornerstoneViewportService, 'VIEWPORT_DATA_CHANGED', viewportsChanged),
      () => {
        markers.clear();
      },
      this.#addToHost(),
    ];
    // Before the first click. No caller waits for it: a click requests it again and reports the failure.
    context.readableModalities.load().catch(() => undefined);
  }

  /** The mode sets up its own toolbar and panels after this hook; ours are added to them, unless the result is called before. */
  #addToHost(): Unsubscribe {
    const { context } = this.#session;
    let exited = false;
    const { toolGroupService, toolbarService, panelService } = context.host.services;
    const add = (): void => {
      // A mode without tool groups (microscopy) shows no image in which a point can be clicked.
      if (exited || toolGroupService.getToolGroupIds().length === 0) return;
      try {
        addButton(toolbarService);
        addPanel(panelService);
      } catch (error) {
        reportFailure(context, { subject: 'Toolbar and panel' }, error);
      }
    };
    queueMicrotask(add);
    const unsubscribe = on(toolGroupService, 'TOOLGROUP_CREATED', () => {
      queueMicrotask(add);
    });
    return () => {
      exited = true;
      unsubscribe();
    };
  }

  exit(): void {
    this.#session.finder.cancelAll();
    for (const undo of this.#undo) undo();
    this.#undo = [];
  }

  /** Reports what is not saved when the reader goes back to the study list; closing the page has its own warning. */
  remindOfUnsaved(): void {
    const { store, host } = this.#session.context;
    const open = [
      countOf(store.unsaved, 'not saved to the PACS'),
      countOf(store.undecided, 'not decided on'),
    ].filter((text) => text !== '');
    if (open.length === 0) return;
    host.toast({
      title: 'Samepoint',
      message: `${open.join(', ')}. Open the study again to finish; closing this page loses them.`,
      type: 'warning',
    });
  }
}
