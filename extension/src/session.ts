import { Client } from './client/client.ts';
import { wait } from './client/wait.ts';
import type { Context } from './flows/context.ts';
import { guarded, newId } from './flows/context.ts';
import { Finder } from './flows/find.ts';
import { Mover } from './flows/move.ts';
import { savePairs } from './flows/save.ts';
import { ServerModalities } from './flows/readableModalities.ts';
import { addReadability, addStudyRank, hangSideBySide } from './hangingProtocol.ts';
import { PANEL_ID } from './ids.ts';
import type { ExtensionParameters, Viewport } from './ohif.d.ts';
import { SaveAttempts } from './pairs/saveAttempts.ts';
import { PairStore } from './pairs/store.ts';
import { warnWhileUnsaved } from './pairs/unsavedWarning.ts';
import type { PanelActions } from './panel/actions.ts';
import { PanelView } from './panel/panelView.ts';
import { readSettings } from './settings.ts';
import { createMatchPointTool } from './tool/matchPointTool.ts';
import { Host } from './viewer/host.ts';
import { jumpTo } from './viewer/jump.ts';
import type { Marker } from './viewer/marker.ts';
import { dateOfSeries, loadedStudies, shownSeries } from './viewer/series.ts';
import { UNREACHABLE, ViewerFailure } from './client/failure.ts';
import type { Lps } from './wire.ts';

/** Everything that lives as long as the page: the pairs, the tool and the connection to the server. */
export class Session {
  readonly context: Context;
  readonly finder: Finder;
  readonly #mover: Mover;
  readonly #reachable = new Set<() => void>();
  #panel: PanelView | undefined;

  constructor(parameters: ExtensionParameters) {
    const host = new Host(parameters);
    const { settings, problems } = readSettings(parameters.appConfig);
    const client = new Client({
      baseUrl: new URL(settings.serverUrl, document.baseURI).href,
      fetch: (...request) => globalThis.fetch(...request),
      authorization: () => host.services.userAuthenticationService?.getAuthorizationHeader(),
      wait,
      onAnswer: () => {
        if (this.context.store.mendedCodes(UNREACHABLE)) for (const listener of this.#reachable) listener();
      },
    });
    const panelVisible = (): boolean => this.#panel !== undefined;
    const attempts = new SaveAttempts();
    const readableModalities = new ServerModalities(client, settings.model);
    const store = new PairStore();
    const compare = (): void => {
      this.#compare();
    };
    this.context = { host, store, client, attempts, settings, readableModalities, panelVisible, compare };
    this.finder = new Finder(this.context);
    this.#mover = new Mover(this.context);
    this.#registerTool(host);
    addStudyRank(host.services);
    addReadability(host.services, readableModalities);
    warnWhileUnsaved(this.context.store, window);
    for (const problem of problems) this.#reportSetting(problem);
  }

  /** Fills an element of the host with the panel; the result empties it. */
  mountPanel(container: HTMLElement): () => void {
    const { host, store } = this.context;
    const model = {
      store,
      isOpenStudy: (study: string) => loadedStudies(host).has(study),
      dateOf: (series: string) => dateOfSeries(host, series),
      canCompare: () => this.#canCompare(),
    };
    const panel = new PanelView(container, model, this.#actions());
    this.#panel = panel;
    return () => {
      panel.destroy();
      if (this.#panel === panel) this.#panel = undefined;
    };
  }

  /** Brings the panel up to date with what the viewer has loaded. */
  refreshPanel(): void {
    this.#panel?.update();
  }

  /** Calls the listener when the server answers again; the result ends that. */
  onReachable(listener: () => void): () => void {
    this.#reachable.add(listener);
    return () => this.#reachable.delete(listener);
  }

  /** Ends the move that waits for a click, if there is one. */
  stopMoving(): void {
    if (this.context.store.moving !== undefined) this.#mover.stop();
  }

  #compare(): void {
    const about = { subject: 'Side by side', retry: this.context.compare };
    void guarded(this.context, about, () => {
      hangSideBySide(this.context.host);
    });
  }

  #registerTool(host: Host): void {
    const tool = createMatchPointTool(host, {
      pointPlaced: (viewport, world, marker) => {
        this.#pointPlaced(viewport, world, marker);
      },
      markerDragged: (viewport, pairId, world) => {
        const pair = this.context.store.pair(pairId);
        if (pair !== undefined) this.#mover.place(pair, viewport, world);
      },
    });
    host.libraries.cornerstoneTools.addTool(tool);
  }

  #pointPlaced(viewport: Viewport, world: Lps, marker: Marker | undefined): void {
    const { moving, pairs } = this.context.store;
    if (moving !== undefined) {
      this.#mover.place(moving, viewport, world);
      return;
    }
    this.#showPanel();
    // A click on the marker of a lesion is about that lesion: it does not make a second one.
    const marked = pairs.find(({ lesionUid }) => lesionUid === marker?.lesionUid);
    if (marked !== undefined) {
      this.#panel?.show(marked.id);
      return;
    }
    void this.finder.find(viewport, world);
  }

  /** The answer of a click, and how far it is, is read in the panel. */
  #showPanel(): void {
    const { host, panelVisible } = this.context;
    if (panelVisible()) return;
    void guarded(this.context, { subject: 'Panel' }, () => {
      host.services.panelService.activatePanel(PANEL_ID, true);
    });
  }

  #canCompare(): boolean {
    const { host } = this.context;
    const shown = new Set(shownSeries(host).map((series) => series.studyInstanceUid));
    return loadedStudies(host).size > 1 && shown.size < 2;
  }

  #reportSetting(problem: string): void {
    this.context.store.addNotice({
      id: newId('notice'),
      subject: 'Settings in app-config.js',
      code: 'viewer/bad-setting',
      message: `${problem}.`,
      remedy: 'The default is used. Contact your administrator to correct it.',
    });
  }

  #actions(): PanelActions {
    const { store, compare } = this.context;
    return {
      compare,
      accept: (id) => {
        store.setState(id, 'accepted');
      },
      reject: (id) => {
        store.setState(id, 'rejected');
      },
      startMove: (id) => {
        this.#mover.start(id);
      },
      stopMove: () => {
        this.#mover.stop();
      },
      goTo: (id) => {
        this.#goTo(id);
      },
      remove: (id) => {
        store.removePair(id);
      },
      rename: (id, label) => {
        store.setLabel(id, label);
      },
      save: () => void savePairs(this.context, store.unsaved),
      cancelSearch: (id) => {
        this.finder.cancel(id);
      },
      dismissNotice: (id) => {
        store.removeNotice(id);
      },
      dismissSeriesWarnings: (id) => {
        store.dismissSeriesWarnings(id);
      },
      mendNotice: (id) => {
        const notice = store.notices.find((candidate) => candidate.id === id);
        store.removeNotice(id);
        notice?.mend?.run();
      },
    };
  }

  #goTo(pairId: string): void {
    const { host, store } = this.context;
    const pair = store.pair(pairId);
    if (pair === undefined) return;
    void guarded(this.context, { subject: pair.label }, () => {
      const missing = (['current', 'prior'] as const).filter((side) => jumpTo(host, pair[side]) === 0);
      if (missing.length === 0) return;
      throw new ViewerFailure(
        'viewer/not-shown',
        `The ${missing.join(' and the ')} series of this pair ${missing.length === 1 ? 'is' : 'are'} not on the screen.`,
        'Drag it from the study list into a viewport.',
      );
    });
  }
}
