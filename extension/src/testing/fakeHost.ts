/**
 * A stand-in for the host viewer, for tests without a browser: services with events, viewports that show a plane, and an
 * annotation manager. It does what OHIF does at the places that the extension touches, and records the calls.
 * @module
 */
import type {
  Matchable,
  Annotation,
  AnnotationToolInstance,
  CachedImage,
  CornerstoneLibraries,
  DataSource,
  DisplaySet,
  ExtensionParameters,
  HostAnnotation,
  Hotkey,
  ImagePlane,
  Notification,
  Services,
  StudyMetadata,
  ToolClass,
} from '../ohif.d.ts';
import { FakeHistory } from './fakeHistory.ts';
import { FakePubSub } from './fakePubSub.ts';
import { FakeSyncGroups, SYNC_EVENTS } from './fakeSyncGroups.ts';
import { FakeViewport, SLICE_MM } from './fakeViewport.ts';

export { SLICE_MM } from './fakeViewport.ts';

/** Pixel size of the fake series, mm; another than the slice distance, so that a mix-up shows. */
export const PIXEL_MM = 0.8;
const SLICES = 40;

/** An axial series: slice k lies at z = 5 k, its first pixel at (-100, -100). */
export function axialSeries(name: string, date: string, patient = 'P'): DisplaySet {
  const instances = Array.from({ length: SLICES }, (_, k) => ({
    SOPInstanceUID: `1.2.${name}.${k}`,
    SOPClassUID: '1.2.840.10008.5.1.4.1.1.2',
    PatientID: patient,
    StudyDate: date,
    StudyTime: '101500',
  }));
  return {
    displaySetInstanceUID: `ds-${name}`,
    StudyInstanceUID: `1.2.${name}`,
    SeriesInstanceUID: `1.2.${name}.9`,
    Modality: 'CT',
    instances,
  };
}

class FakeProbeTool implements AnnotationToolInstance {
  static toolName = 'Probe';
  toolGroupId = '';
  editData: AnnotationToolInstance['editData'] = null;
  isDrawing = false;
  _activateModify(): void {
    this.isDrawing = true;
  }
  _deactivateModify(): void {
    this.isDrawing = false;
  }
}

/** Which display sets the panes show: pane id → display set. */
export type Panes = Readonly<Record<string, DisplaySet>>;

/** The fake host and everything that a test looks at. */
export class FakeHost {
  readonly viewports = new Map<string, FakeViewport>();
  readonly annotations = new Map<string, Annotation>();
  /** Measurements of the host's own tools. */
  readonly measurements = new Map<string, HostAnnotation>();
  refusesMeasurements = false;
  readonly drawn: { readonly kind: string; readonly lines?: readonly string[] }[] = [];
  readonly commands: { readonly name: string; readonly options: object }[] = [];
  readonly toasts: Notification[] = [];
  readonly addedTools: ToolClass[] = [];
  readonly toolGroups = new Map<string, Map<string, string>>();
  readonly buttons = new Map<string, object>();
  readonly sections = new Map<string, string[]>();
  readonly panels: { id: string }[] = [];
  /** Command names → what they do, in the context of the extension. */
  readonly registered = new Map<string, (options?: { readonly evt?: Event }) => void>();
  readonly hotkeys: Hotkey[] = [];
  readonly customizations: Readonly<Record<string, unknown>>[] = [];
  readonly history = new FakeHistory();
  /** False for a host without a list of what can be undone. */
  hasHistory = true;
  /** False for a host without commands and hotkeys. */
  hasHotkeys = true;
  readonly attributes = new Map<string, (matched: Matchable, options?: object) => unknown>();
  readonly events = {
    displaySets: new FakePubSub('DISPLAY_SETS_ADDED'),
    grid: new FakePubSub('GRID_STATE_CHANGED'),
    viewports: new FakePubSub('VIEWPORT_DATA_CHANGED'),
    toolGroups: new FakePubSub('TOOLGROUP_CREATED'),
  };
  readonly syncGroups = new FakeSyncGroups((id) => this.viewports.get(id)?.element);
  /** Images in the memory of the host, and what it does when another one is to be loaded. */
  readonly images = new Map<string, CachedImage>();
  loadImage: (imageId: string) => Promise<unknown> = () => Promise.reject(new Error('404'));
  activeViewportId: string | undefined;
  displaySets: DisplaySet[];
  panes: Panes;
  authorization: Record<string, unknown> | undefined;
  user: { readonly profile?: { readonly iss?: unknown; readonly sub?: unknown } } | null = null;
  /** Studies that hanging protocols know; those of all display sets where it is undefined. */
  studies: readonly StudyMetadata[] | undefined;
  dataSource: DataSource = {
    getImageIdsForDisplaySet: (displaySet) =>
      (displaySet.instances ?? []).map((_, k) => `wadors:${displaySet.displaySetInstanceUID}/${k}`),
  };
  appConfig: Record<string, unknown> = {};

  constructor(panes: Panes) {
    this.panes = panes;
    this.displaySets = [...new Set(Object.values(panes))];
    Object.keys(panes).forEach((id, index) => this.viewports.set(id, new FakeViewport(id, index)));
    [this.activeViewportId] = Object.keys(panes);
  }

  get parameters(): ExtensionParameters {
    return {
      servicesManager: { services: this.#services() },
      commandsManager: this.#commandsManager(),
      extensionManager: {
        ...(this.hasHotkeys
          ? { _hotkeysManager: { registerHotkeys: (hotkey) => void this.hotkeys.push(hotkey) } }
          : {}),
        getModuleEntry: () => ({ exports: { getCornerstoneLibraries: () => this.#libraries() } }),
        getActiveDataSource: () => [this.dataSource],
      },
      appConfig: this.appConfig,
    };
  }

  #commandsManager(): ExtensionParameters['commandsManager'] {
    const contexts = new Set<string>();
    const runCommand = (name: string, options = {}): unknown => this.commands.push({ name, options });
    if (!this.hasHotkeys) return { runCommand };
    return {
      runCommand,
      getContext: (name) => (contexts.has(name) ? {} : undefined),
      createContext: (name) => void contexts.add(name),
      registerCommand: (context, name, { commandFn }) => {
        // As the host does: a command of a context that does not exist is dropped.
        if (contexts.has(context)) this.registered.set(name, commandFn);
      },
    };
  }

  /** The viewer loads a study. */
  load(...displaySets: readonly DisplaySet[]): void {
    this.displaySets = [...this.displaySets, ...displaySets];
    this.events.displaySets.fire('DISPLAY_SETS_ADDED');
  }

  /** Makes a tool group as a mode does. */
  createToolGroup(id: string): void {
    this.toolGroups.set(id, new Map());
    this.events.toolGroups.fire('TOOLGROUP_CREATED', { toolGroupId: id });
  }

  /** What OHIF's services do when a mode is entered. */
  resetForMode(): void {
    this.buttons.clear();
    this.sections.clear();
    this.panels.length = 0;
    this.toolGroups.clear();
    this.hotkeys.length = 0;
    this.customizations.length = 0;
  }

  #services(): Services {
    return {
      ...this.#viewServices(),
      ...this.#chromeServices(),
      hangingProtocolService: Object.assign(new FakePubSub(), {
        addCustomAttribute: (id: string, _name: string, callback: (matched: Matchable) => unknown) =>
          this.attributes.set(id, callback),
        getProtocolById: (id: string) => ({ id }),
        studies: this.studies ?? this.displaySets,
        run: (shown: object, protocolId: string) =>
          void this.commands.push({
            name: 'hangingProtocolService.run',
            options: { ...shown, protocolId },
          }),
      }),
      userAuthenticationService: {
        getAuthorizationHeader: () => this.authorization,
        getUser: () => this.user,
      },
      customizationService: { setCustomizations: (given) => void this.customizations.push(given) },
      syncGroupService: this.syncGroups,
      uiNotificationService: { show: (toast) => this.toasts.push(toast) },
    };
  }

  #viewServices(): Pick<
    Services,
    'displaySetService' | 'viewportGridService' | 'cornerstoneViewportService' | 'toolGroupService'
  > {
    const toolGroup = (id: string): Map<string, string> =>
      this.toolGroups.get(id) ?? new Map<string, string>();
    return {
      displaySetService: Object.assign(this.events.displaySets, {
        getActiveDisplaySets: () => this.displaySets,
      }),
      viewportGridService: Object.assign(this.events.grid, {
        getState: () => ({
          ...(this.activeViewportId === undefined ? {} : { activeViewportId: this.activeViewportId }),
          viewports: new Map(
            Object.entries(this.panes).map(([viewportId, { displaySetInstanceUID }]) => [
              viewportId,
              { viewportId, displaySetInstanceUIDs: [displaySetInstanceUID] },
            ]),
          ),
        }),
      }),
      cornerstoneViewportService: Object.assign(this.events.viewports, {
        getCornerstoneViewport: (id: string) => this.viewports.get(id) ?? null,
      }),
      toolGroupService: Object.assign(this.events.toolGroups, {
        getToolGroupIds: () => [...this.toolGroups.keys()],
        getToolGroup: (id: string) => ({
          hasTool: (name: string) => toolGroup(id).has(name),
          addTool: (name: string) => void toolGroup(id).set(name, 'Disabled'),
          setToolPassive: (name: string) => void toolGroup(id).set(name, 'Passive'),
        }),
      }),
    };
  }

  #chromeServices(): Pick<Services, 'toolbarService' | 'panelService'> {
    return {
      toolbarService: Object.assign(new FakePubSub(), {
        register: (buttons: readonly object[]) => {
          for (const button of buttons) this.buttons.set((button as { id: string }).id, button);
        },
        updateSection: (section: string, ids: string[]) => {
          this.sections.set(section, [...new Set([...(this.sections.get(section) ?? []), ...ids])]);
        },
      }),
      panelService: Object.assign(new FakePubSub(), {
        addPanel: (_position: string, id: string) => void this.panels.push({ id }),
        getPanels: () => this.panels,
        activatePanel: (id: string) => void this.commands.push({ name: 'activatePanel', options: { id } }),
      }),
    };
  }

  #libraries(): CornerstoneLibraries {
    return {
      cornerstone: {
        getEnabledElement: (element) => {
          const viewport = [...this.viewports.values()].find((candidate) => candidate.element === element);
          return viewport === undefined ? undefined : { viewport };
        },
        metaData: { get: (type, imageId) => this.#metaData(type, imageId) },
        Enums: { Events: SYNC_EVENTS },
        cache: { getImage: (imageId) => this.images.get(imageId) },
        imageLoader: { loadAndCacheImage: (imageId) => this.loadImage(imageId) },
        ...(this.hasHistory ? { utilities: { HistoryMemo: { DefaultHistoryMemo: this.history } } } : {}),
      },
      cornerstoneTools: {
        ProbeTool: FakeProbeTool,
        addTool: (tool) => void this.addedTools.push(tool),
        SynchronizerManager: this.syncGroups.manager,
        annotation: {
          state: {
            getAnnotationManager: () => ({
              addAnnotation: (annotation) => void this.annotations.set(annotation.annotationUID, annotation),
              removeAnnotation: (uid) => void this.annotations.delete(uid),
              getAnnotation: (uid) => this.annotations.get(uid),
            }),
            getAnnotations: () => [...this.annotations.values()],
            getAnnotation: (uid) => this.measurements.get(uid),
            addAnnotation: (annotation) => {
              if (this.refusesMeasurements) throw new TypeError('addAnnotation is not a function');
              this.measurements.set(annotation.annotationUID, annotation);
            },
            removeAnnotation: (uid) => void this.measurements.delete(uid),
          },
        },
        utilities: { triggerAnnotationRenderForViewportIds: () => undefined },
        drawing: {
          drawCircle: (_helper, _uid, kind) => void this.drawn.push({ kind }),
          drawLine: () => undefined,
          drawTextBox: (_helper, _uid, _id, lines) => void this.drawn.push({ kind: 'text', lines }),
        },
      },
    };
  }

  #metaData(type: string, imageId: string): unknown {
    const [, displaySetId, index] = /^wadors:(.*)\/(\d+)$/.exec(imageId) ?? [];
    const displaySet = this.displaySets.find(
      ({ displaySetInstanceUID }) => displaySetInstanceUID === displaySetId,
    );
    const k = Number(index);
    if (type === 'instance') return displaySet?.instances?.[k];
    const plane: ImagePlane = {
      imagePositionPatient: [-100, -100, k * SLICE_MM],
      rowCosines: [1, 0, 0],
      columnCosines: [0, 1, 0],
      rowPixelSpacing: PIXEL_MM,
      columnPixelSpacing: PIXEL_MM,
      rows: 256,
      columns: 256,
    };
    return type === 'imagePlaneModule' ? plane : undefined;
  }
}
