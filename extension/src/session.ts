import type { Counted } from './badge.ts';
import { Client } from './client/client.ts';
import { wait } from './client/wait.ts';
import { UNREACHABLE } from './client/failure.ts';
import { Drafts } from './drafts/drafts.ts';
import { browserStorage } from './drafts/storage.ts';
import type { DraftStorage } from './drafts/storage.ts';
import { CarryOvers } from './flows/carryOver.ts';
import type { Context } from './flows/context.ts';
import type { Reporting } from './flows/reporting.ts';
import { guarded } from './flows/reporting.ts';
import { reportRestored, reportSetting } from './flows/startNotices.ts';
import { Finder } from './flows/find.ts';
import { HostMeasurements } from './flows/hostMeasurements.ts';
import { Opening, tryToShow } from './flows/opening.ts';
import { Placer } from './flows/place.ts';
import { Reviewer } from './flows/reviewer.ts';
import { Saver } from './flows/save.ts';
import { showStudy } from './flows/show.ts';
import { StoredFindings } from './flows/stored.ts';
import { TimePoints } from './flows/timePoints.ts';
import { ServerModalities } from './flows/readableModalities.ts';
import { Fusion } from './fusion/fusion.ts';
import { addLargest, addReadability, addSideBySide } from './hangingProtocol.ts';
import type { SideBySide } from './hangingProtocol.ts';
import { PANEL_ID } from './ids.ts';
import { ActivityStore } from './lesions/activityStore.ts';
import { LesionStore } from './lesions/lesionStore.ts';
import { Listeners } from './lesions/listeners.ts';
import { SaveAttempts } from './lesions/saveAttempts.ts';
import { Linking } from './linked/linking.ts';
import { warnWhileUnsaved } from './lesions/unsavedWarning.ts';
import type { ExtensionParameters, Viewport } from './ohif.d.ts';
import { panelActions } from './panelActions.ts';
import type { PanelModel, PanelState } from './panel/model.ts';
import { mountPanel } from './panel/mount.tsx';
import { lesionsOnScreen, panelState, reviewText, studiesToSave } from './panelState.ts';
import { readSettings } from './settings.ts';
import type { Settings } from './settings.ts';
import { createMatchPointTool } from './tool/matchPointTool.ts';
import { Host } from './viewer/host.ts';
import { ReviewKeys, ViewKeys } from './viewer/hotkeys.ts';
import { isFusionCommand } from './viewer/viewCommands.ts';
import type { ViewCommand } from './viewer/viewCommands.ts';
import type { OverlaySource } from './viewer/overlay.ts';
import type { Marker } from './viewer/marker.ts';
import { loadedSeries } from './viewer/series.ts';
import { urlStudies } from './viewer/urlStudies.ts';
import type { Lps } from './wire.ts';

/** Everything that lives as long as the page: the lesions, the tool and the connection to the server. */
export class Session {
  readonly context: Context;
  readonly finder: Finder;
  readonly keys: ReviewKeys;
  readonly linking: Linking;
  readonly fusion: Fusion;
  readonly viewKeys: ViewKeys;
  readonly measurements: HostMeasurements;
  readonly stored: StoredFindings;
  readonly carryOvers: CarryOvers;
  readonly model: PanelModel;
  readonly opening: Opening;
  readonly #placer: Placer;
  readonly #reviewer: Reviewer;
  readonly #saver: Saver;
  readonly #drafts: Drafts | undefined;
  readonly #sideBySide: SideBySide = {};
  readonly #reachable = new Listeners();
  readonly #changes = new Listeners();
  #state: PanelState | undefined;
  /** Study whose work the drafts keep. */
  #kept: string | undefined;
  /** Study that is to be shown: the viewports go to the selected lesion then. */
  #expected: string | undefined;
  #panels = 0;

  /** @param storage of work that is not saved; none where the browser keeps nothing */
  constructor(parameters: ExtensionParameters, storage: DraftStorage | undefined = browserStorage()) {
    const { settings, problems } = readSettings(parameters.appConfig);
    this.context = this.#connect(parameters, settings);
    const { host, lesions, readableModalities } = this.context;
    this.finder = new Finder(this.context);
    this.stored = new StoredFindings(this.context);
    this.carryOvers = new CarryOvers(this.context);
    this.opening = new Opening(this.context);
    this.#placer = new Placer(this.context);
    this.measurements = new HostMeasurements(this.context);
    this.#saver = new Saver(this.context, this.stored);
    this.#reviewer = this.#makeReviewer();
    this.keys = new ReviewKeys(parameters, (command) => {
      if (this.model.state().review.total > 0 || this.carryOvers.offer() !== undefined)
        this.#reviewer.run(command);
    });
    this.linking = new Linking(this.context);
    this.fusion = new Fusion({
      ...this.context,
      standing: this.linking.standing,
      current: () => this.context.timePoints.current,
    });
    this.viewKeys = new ViewKeys(parameters, this.run);
    this.model = this.#makeModel();
    this.#drafts = storage === undefined ? undefined : this.#makeDrafts(storage);
    this.#registerTool(host);
    addSideBySide(host.services, this.#sideBySide);
    addReadability(host.services, readableModalities);
    addLargest(host, readableModalities);
    warnWhileUnsaved(lesions, window);
    for (const problem of problems) reportSetting(this.context.activity, problem);
  }

  /** Fills an element of the host with the panel; the result empties it. */
  mountPanel(container: HTMLElement): () => void {
    const unmount = mountPanel(container, this.model);
    this.#panels += 1;
    return () => {
      unmount();
      this.#panels -= 1;
    };
  }

  /** What the overlay of the viewports shows. */
  get overlay(): OverlaySource {
    return {
      textFor: (viewportId) => {
        const { host, timePoints } = this.context;
        const showsCurrent = host
          .displaySetsOf(viewportId)
          .some(({ StudyInstanceUID }) => StudyInstanceUID === timePoints.current);
        return showsCurrent ? reviewText(this.context) : '';
      },
      subscribe: (listener) => this.#changes.add(listener),
    };
  }

  /** The lesions of the patient. */
  get counted(): Counted {
    return {
      count: () => this.model.state().lesions.length,
      subscribe: (listener) => this.#changes.add(listener),
    };
  }

  /** Brings everything up to date with the studies that the viewer has loaded; never throws. */
  async studiesChanged(): Promise<void> {
    const { timePoints } = this.context;
    const refreshed = timePoints.refresh();
    this.#keepDrafts();
    this.screenChanged();
    await refreshed;
    await this.stored.loadNew();
    this.opening.show();
  }

  /** Switches on or off what is shown for all panes. */
  readonly run = (command: ViewCommand): void => {
    if (isFusionCommand(command)) this.fusion.run(command);
    else this.linking.run(command);
  };

  /** Brings the panel up to date with what the viewports show. */
  screenChanged(): void {
    this.#changed();
    this.linking.screenChanged();
    this.fusion.update();
    const { lesions, timePoints } = this.context;
    if (this.#expected === undefined || timePoints.point(this.#expected)?.isShown !== true) return;
    const selected = lesions.lesion(lesions.selected);
    if (selected === undefined || tryToShow(this.context.host, selected)) this.#expected = undefined;
  }

  /** Ends what belongs to the studies of a mode. */
  closeStudies(): void {
    this.finder.cancelAll();
    this.carryOvers.stop();
    this.measurements.stop();
    this.context.timePoints.stop();
    this.#drafts?.close();
    this.#kept = undefined;
  }

  /** Calls the listener when the server answers again; the result ends that. */
  onReachable(listener: () => void): () => void {
    return this.#reachable.add(listener);
  }

  /** Ends the placing that waits for a click, if there is one. */
  stopPlacing(): void {
    this.#placer.stop();
  }

  #connect(parameters: ExtensionParameters, settings: Settings): Context {
    const host = new Host(parameters);
    const activity = new ActivityStore();
    const client = new Client({
      baseUrl: new URL(settings.serverUrl, document.baseURI).href,
      fetch: (...request) => globalThis.fetch(...request),
      authorization: () => host.services.userAuthenticationService?.getAuthorizationHeader(),
      dataSource: () => host.dataSourceName,
      wait,
      onAnswer: () => {
        if (activity.mendedCodes(UNREACHABLE)) this.#reachable.call();
      },
    });
    const reporting: Reporting = {
      host,
      activity,
      panelVisible: () => this.#panels > 0,
      compare: () => {
        this.#compare();
      },
    };
    const readableModalities = new ServerModalities(client, settings.model);
    const { model } = settings;
    const restart = (): void => void this.studiesChanged();
    const ofTimePoints = { client, readableModalities, model, urlStudies, restart };
    const timePoints = new TimePoints({ ...reporting, ...ofTimePoints });
    return {
      ...reporting,
      client,
      settings,
      readableModalities,
      timePoints,
      lesions: new LesionStore(),
      attempts: new SaveAttempts(),
      show: (study) => {
        this.#expected = study;
        void showStudy(this.context, this.#sideBySide, study);
      },
    };
  }

  #makeReviewer(): Reviewer {
    return new Reviewer(this.context, {
      placer: this.#placer,
      carryOvers: this.carryOvers,
      save: () => void this.#saver.save(studiesToSave(this.context)),
      keys: () => this.keys.names,
    });
  }

  #makeModel(): PanelModel {
    const { lesions, activity, timePoints } = this.context;
    for (const source of [lesions, activity, timePoints, this.carryOvers, this.fusion]) {
      source.subscribe(() => {
        this.#changed();
      });
    }
    return {
      state: () => (this.#state ??= panelState(this.context, this)),
      subscribe: (listener) => this.#changes.add(listener),
      actions: panelActions(this.context, {
        reviewer: this.#reviewer,
        placer: this.#placer,
        finder: this.finder,
        run: this.run,
      }),
    };
  }

  #makeDrafts(storage: DraftStorage): Drafts | undefined {
    const { lesions, settings } = this.context;
    if (settings.keepUnsavedDays === 0) return undefined;
    return new Drafts({
      storage,
      lesions,
      crypto: globalThis.crypto,
      days: settings.keepUnsavedDays,
      now: () => Date.now(),
      ofPatient: () => lesionsOnScreen(this.context),
      restored: (savedAt) => {
        reportRestored(this.context.activity, savedAt);
        this.opening.show();
      },
    });
  }

  #keepDrafts(): void {
    const { timePoints, host, settings } = this.context;
    const { current } = timePoints;
    if (current === this.#kept || current === undefined) return;
    this.#kept = current;
    const patientKey = loadedSeries(host).find(
      ({ studyInstanceUid }) => studyInstanceUid === current,
    )?.patientKey;
    void this.#drafts?.open({ server: settings.serverUrl, studyInstanceUid: current, patientKey });
  }

  #changed(): void {
    this.#state = undefined;
    this.#changes.call();
  }

  #compare(): void {
    const { timePoints, show } = this.context;
    const prior = timePoints.others().find(({ chosen }) => chosen !== undefined) ?? timePoints.others()[0];
    if (prior !== undefined) show(prior.studyInstanceUid);
  }

  #registerTool(host: Host): void {
    const tool = createMatchPointTool(host, {
      pointPlaced: (viewport, world, marker) => {
        this.#pointPlaced(viewport, world, marker);
      },
      markerDragged: (viewport, lesion, world) => {
        this.#placer.place(lesion, viewport, world);
      },
    });
    host.libraries.cornerstoneTools.addTool(tool);
  }

  #pointPlaced(viewport: Viewport, world: Lps, marker: Marker | undefined): void {
    const { placing } = this.context.lesions;
    if (placing !== undefined) {
      this.#placer.place(placing, viewport, world);
      return;
    }
    this.#showPanel();
    // A click on the marker of a lesion is about that lesion: it does not make a second one.
    if (marker?.lesion !== undefined) this.#reviewer.select(marker.lesion.trackingUid);
    else void this.finder.find(viewport, world);
  }

  /** The answer of a click, and how far it is, is read in the panel. */
  #showPanel(): void {
    const { host, panelVisible } = this.context;
    if (panelVisible()) return;
    void guarded(this.context, { subject: 'Panel' }, () => {
      host.services.panelService.activatePanel(PANEL_ID, true);
    });
  }
}
