import { reportFailure } from './flows/context.ts';
import { StoredReports } from './flows/stored.ts';
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
    queueMicrotask(() => {
      if (exited) return;
      try {
        addButton(context.host.services.toolbarService);
        addPanel(context.host.services.panelService);
      } catch (error) {
        reportFailure(context, { subject: 'Toolbar and panel' }, error);
      }
    });
    return () => {
      exited = true;
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
    const count = store.unsaved.length;
    if (count === 0) return;
    host.toast({
      title: 'Samepoint',
      message: `${count === 1 ? '1 pair is' : `${count} pairs are`} not saved to the PACS. Open the study again to save; closing this page loses them.`,
      type: 'warning',
    });
  }
}
