import { notices, wordsOf } from './i18n/words.ts';
import { reportFailure } from './flows/reporting.ts';
import { addBadge } from './badge.ts';
import { addIcon } from './icon.ts';
import { Layers } from './flows/layers.ts';
import { PANEL_ID } from './ids.ts';
import { addLinkButtons } from './linked/buttons.ts';
import type { PanelService, PubSub, Unsubscribe } from './ohif.d.ts';
import { pressByKeyboard } from './pressByKeyboard.ts';
import type { Session } from './session.ts';
import { addButton, addToolToGroups } from './toolbar.ts';
import { addOverlay } from './viewer/overlay.ts';

/** Codes of what is over when the viewports show something else. */
const ABOUT_THE_SCREEN = ['viewer/nothing-to-compare', 'viewer/not-shown'] as const;

function addPanel(panelService: PanelService): void {
  const present = panelService.getPanels('right').some((panel) => panel.id === PANEL_ID);
  if (!present) panelService.addPanel('right', PANEL_ID);
}

/** Subscribes to an event if this version of the host has it. */
function on(
  service: PubSub | undefined,
  eventName: string,
  listener: (payload: unknown) => void,
): Unsubscribe {
  const event = service?.EVENTS[eventName];
  if (service === undefined || event === undefined) return () => undefined;
  return service.subscribe(event, listener).unsubscribe;
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

/** What the extension adds to the page around the images; the results remove it. */
function onPage(session: Session): readonly Unsubscribe[] {
  return [
    addIcon(document),
    addBadge(document, session.counted),
    pressByKeyboard(document),
    session.opening.begin(document),
    onEscape(() => {
      session.stopPlacing();
    }),
  ];
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
    const layers = new Layers(context);
    const drawMarkers = (): void => {
      layers.draw();
    };
    const viewportsChanged = (): void => {
      context.activity.mendedCodes(...ABOUT_THE_SCREEN);
      this.#session.screenChanged();
      this.#session.opening.show();
      drawMarkers();
    };
    this.#undo = [
      addToolToGroups(services.toolGroupService),
      ...onPage(this.#session),
      context.lesions.subscribe(drawMarkers),
      context.activity.subscribe(drawMarkers),
      this.#session.onReachable(() => void this.#retry()),
      on(displaySetService, 'DISPLAY_SETS_ADDED', () => void this.#session.studiesChanged()),
      on(viewportGridService, 'GRID_STATE_CHANGED', () => {
        this.#session.screenChanged();
      }),
      on(cornerstoneViewportService, 'VIEWPORT_DATA_CHANGED', viewportsChanged),
      ...['MEASUREMENT_ADDED', 'MEASUREMENT_UPDATED'].map((event) =>
        on(services.measurementService, event, (payload) => {
          this.#session.measurements.changed(payload);
        }),
      ),
      on(services.measurementService, 'MEASUREMENT_REMOVED', (payload) => {
        if (!layers.isRemoving) this.#session.measurements.deleted(payload);
      }),
      () => {
        layers.clear();
      },
      this.#startLinking(),
      this.#addToHost(),
    ];
    this.#addKeysAndOverlay();
    // Before the first click. No caller waits for it: a click requests it again and reports the failure.
    context.readableModalities.load().catch(() => undefined);
  }

  async #retry(): Promise<void> {
    await this.#session.context.timePoints.retry();
    await this.#session.stored.loadNew();
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
        this.#addLinkButtons();
        addPanel(panelService);
      } catch (error) {
        reportFailure(context, { subject: notices().subjects.toolbar }, error);
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

  #addKeysAndOverlay(): void {
    const { keys, viewKeys, overlay, linking, context } = this.#session;
    keys.bind();
    viewKeys.bind();
    addOverlay(context.host.services.customizationService, {
      SamepointReview: overlay,
      SamepointLink: linking.overlay,
    });
  }

  #startLinking(): Unsubscribe {
    const { linking, fusion, context } = this.#session;
    const { toolbarService, viewportGridService } = context.host.services;
    const refresh = (): void => {
      const { activeViewportId } = viewportGridService.getState();
      toolbarService.refreshToolbarState?.({ viewportId: activeViewportId });
    };
    const stops = [
      linking.subscribe(refresh),
      fusion.subscribe(refresh),
      fusion.enter(),
      linking.enter(document),
    ];
    return () => {
      for (const stop of stops) stop();
    };
  }

  #addLinkButtons(): void {
    const { linking, fusion, viewKeys, context } = this.#session;
    const states = {
      isLinked: () => linking.isLinked,
      hasCursor: () => linking.hasCursor,
      hasSimilarity: () => fusion.mode === 'similarity',
      keys: viewKeys.names,
    };
    addLinkButtons(context.host.services.toolbarService, states, wordsOf(window));
  }

  exit(): void {
    this.#session.closeStudies();
    for (const undo of this.#undo) undo();
    this.#undo = [];
  }

  /** Reports what is not saved when the reader goes back to the study list; closing the page has its own warning. */
  remindOfUnsaved(): void {
    const { lesions, host } = this.#session.context;
    const unsaved = lesions.unsavedStudies().reduce((sum, study) => sum + lesions.unsavedIn(study), 0);
    const open = [notices().remarks.unsaved(unsaved), notices().remarks.undecided(lesions.undecided)].filter(
      (text) => text !== '',
    );
    if (open.length === 0) return;
    host.toast({
      title: 'Samepoint',
      message: notices().remarks.openAgain(open),
      type: 'warning',
    });
  }
}
