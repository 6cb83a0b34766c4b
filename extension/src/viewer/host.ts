import type {
  CornerstoneLibraries,
  DataSource,
  DisplaySet,
  ExtensionManager,
  ExtensionParameters,
  Notification,
  Services,
  Viewport,
} from '../ohif.d.ts';
import type { Slice } from './slices.ts';
import { readSlices } from './slices.ts';

const CORNERSTONE_UTILITIES = '@ohif/extension-cornerstone.utilityModule.common';

/** How long a message of the host stays, ms: time to read two sentences. */
const TOAST_MS = 10_000;

/** The host viewer: its services and its own cornerstone, read without ever throwing where one is missing. */
export class Host {
  readonly services: Services;
  readonly libraries: CornerstoneLibraries;
  readonly #extensions: ExtensionManager;
  readonly #commands: ExtensionParameters['commandsManager'];
  readonly #slices = new WeakMap<DisplaySet, readonly Slice[]>();

  constructor({ servicesManager, extensionManager, commandsManager }: ExtensionParameters) {
    this.services = servicesManager.services;
    this.libraries = cornerstoneOf(extensionManager);
    this.#extensions = extensionManager;
    this.#commands = commandsManager;
  }

  get dataSource(): DataSource | undefined {
    return this.#extensions.getActiveDataSource()?.[0];
  }

  /** Its name in the configuration of the host; undefined where the host does not say. */
  get dataSourceName(): string | undefined {
    return this.#extensions.activeDataSource ?? undefined;
  }

  /** Who has logged in to the host: issuer and subject (OpenID Connect Core 2); undefined where the host does not say. */
  get reader(): string | undefined {
    const profile = this.services.userAuthenticationService?.getUser?.()?.profile;
    const subject = profile?.['sub'];
    return typeof subject === 'string' ? JSON.stringify([profile?.['iss'], subject]) : undefined;
  }

  /** Shows a message of the host, away from the panel, whose buttons it would cover at the host's own place. */
  toast(notification: Notification): void {
    this.services.uiNotificationService?.show({
      duration: TOAST_MS,
      position: 'bottom-center',
      ...notification,
    });
  }

  runCommand(name: string, options: object): void {
    this.#commands.runCommand(name, options);
  }

  viewport(viewportId: string): Viewport | undefined {
    return this.services.cornerstoneViewportService.getCornerstoneViewport(viewportId) ?? undefined;
  }

  viewportIds(): readonly string[] {
    return [...this.services.viewportGridService.getState().viewports.keys()];
  }

  /** Display sets shown in a viewport, the background first. */
  displaySetsOf(viewportId: string): readonly DisplaySet[] {
    const shown =
      this.services.viewportGridService.getState().viewports.get(viewportId)?.displaySetInstanceUIDs ?? [];
    const active = this.services.displaySetService.getActiveDisplaySets();
    // getDisplaySetByUID throws for the undefined ids of empty panes; looking them up here does not.
    return shown.flatMap(
      (uid) => active.find((displaySet) => displaySet.displaySetInstanceUID === uid) ?? [],
    );
  }

  /** Display sets that a viewport shows; of one beside the grid, as that of the exported image, those with its images. */
  displaySetsIn(viewport: Viewport): readonly DisplaySet[] {
    if (this.viewportIds().includes(viewport.id)) return this.displaySetsOf(viewport.id);
    const shown = new Set(viewport.getImageIds?.() ?? []);
    return this.services.displaySetService
      .getActiveDisplaySets()
      .filter((displaySet) => this.slicesOf(displaySet).some(({ imageId }) => shown.has(imageId)));
  }

  /** All display sets of a series; a series with a localizer inside has two. */
  displaySetsOfSeries(seriesInstanceUid: string): readonly DisplaySet[] {
    return this.services.displaySetService
      .getActiveDisplaySets()
      .filter((displaySet) => displaySet.SeriesInstanceUID === seriesInstanceUid);
  }

  /** Geometry of the slices of a display set; read once. */
  slicesOf(displaySet: DisplaySet): readonly Slice[] {
    const known = this.#slices.get(displaySet);
    if (known !== undefined && known.length > 0) return known;
    const imageIds = this.dataSource?.getImageIdsForDisplaySet?.(displaySet) ?? [];
    const slices = readSlices(this.libraries.cornerstone.metaData, imageIds);
    this.#slices.set(displaySet, slices);
    return slices;
  }
}

function cornerstoneOf(extensionManager: ExtensionManager): CornerstoneLibraries {
  const get = extensionManager.getModuleEntry(CORNERSTONE_UTILITIES)?.exports?.getCornerstoneLibraries;
  if (typeof get !== 'function') {
    throw new Error(
      `Samepoint needs the extension "@ohif/extension-cornerstone" to be registered before it (no ${CORNERSTONE_UTILITIES}).`,
    );
  }
  return (get as () => CornerstoneLibraries)();
}
