/**
 * The parts of the host that the extension touches, and nothing more. OHIF's packages ship no types; every member that
 * is missing in one of the versions 3.11 to 3.14 is optional here, so that the compiler requires the feature test.
 * @module
 */
import type { SyncGroupService, SynchronizerManager } from './linked/syncGroups.d.ts';
import type { Drawing, Point2 } from './ohifDrawing.d.ts';
import type { Marker } from './viewer/marker.ts';
import type { UserAuthenticationService } from './ohifLogin.d.ts';

export type Point3 = [number, number, number];
export type { Point2, SvgDrawingHelper } from './ohifDrawing.d.ts';
export type Unsubscribe = () => void;

/** OHIF's publish-subscribe services. */
export interface PubSub {
  readonly EVENTS: Readonly<Record<string, string>>;
  subscribe(event: string, listener: (payload: unknown) => void): { unsubscribe: Unsubscribe };
}

/** A naturalized DICOM instance: the attributes that the extension reads. */
export interface Instance {
  readonly SOPInstanceUID?: string;
  readonly SOPClassUID?: string;
  readonly PatientID?: string;
  readonly IssuerOfPatientID?: string;
  readonly StudyDate?: string;
  readonly StudyTime?: string;
  readonly StudyDescription?: string;
  /** The host may have it as one text with backslashes. */
  readonly ImageType?: readonly string[] | string;
  readonly ImageOrientationPatient?: ArrayLike<number>;
}

export interface DisplaySet {
  readonly displaySetInstanceUID: string;
  readonly StudyInstanceUID: string;
  readonly SeriesInstanceUID: string;
  readonly Modality?: string;
  readonly SeriesDescription?: string;
  readonly instance?: Instance;
  readonly instances?: readonly Instance[];
  readonly numImageFrames?: number;
}

export interface DisplaySetService extends PubSub {
  getActiveDisplaySets(): readonly DisplaySet[];
}

export interface GridViewport {
  readonly viewportId: string;
  readonly displaySetInstanceUIDs?: readonly string[];
}

export interface ViewportGridService extends PubSub {
  getState(): { readonly viewports: ReadonlyMap<string, GridViewport>; readonly activeViewportId?: string };
}

/** A cornerstone viewport: stack, volume or one of the generic ones, distinguished by what they can do. */
export interface Viewport {
  readonly id: string;
  readonly type?: string;
  readonly element: HTMLDivElement;
  canvasToWorld(canvas: Point2): Point3;
  worldToCanvas(world: Point3): Point2;
  getFrameOfReferenceUID(): string | undefined;
  getImageIds?(): readonly string[] | undefined;
  getSlabThickness?(): number;
  jumpToWorld?(world: Point3): unknown;
  setViewReference?(reference: {
    referencedImageId?: string;
    FrameOfReferenceUID?: string;
    cameraFocalPoint?: Point3;
  }): unknown;
  readonly renderingEngineId?: string;
  getPan?(): Point2;
  setPan?(pan: Point2): void;
  getZoom?(): number;
  setZoom?(zoom: number): void;
  getProperties?(): { readonly voiRange?: { readonly lower: number; readonly upper: number } } | undefined;
  render(): void;
}

export interface CornerstoneViewportService extends PubSub {
  getCornerstoneViewport(viewportId: string): Viewport | undefined | null;
}

export interface ToolGroup {
  hasTool(toolName: string): boolean;
  addTool(toolName: string): void;
  setToolPassive(toolName: string): void;
}

export interface ToolGroupService extends PubSub {
  getToolGroup(toolGroupId: string): ToolGroup | undefined;
  getToolGroupIds(): readonly string[];
}

export interface ToolbarService extends PubSub {
  register(buttons: readonly object[], replace?: boolean): void;
  updateSection(section: string, buttonIds: string[]): void;
  refreshToolbarState?(props: { readonly viewportId?: string | undefined }): void;
  readonly sections?: {
    readonly primary?: string;
    readonly viewportActionMenu?: { readonly topRight?: string };
  };
}

export interface PanelService extends PubSub {
  addPanel(position: string, panelId: string): void;
  getPanels(position: string): readonly { readonly id: string }[];
  activatePanel(panelId: string, forceActive?: boolean): void;
}

export interface Notification {
  readonly title: string;
  readonly message: string;
  readonly type: 'success' | 'error' | 'info' | 'warning';
  /** How long it stays, ms. */
  readonly duration?: number;
  readonly position?: 'bottom-center';
}

export interface UINotificationService {
  show(notification: Notification): void;
}

export interface StudyMetadata {
  readonly StudyInstanceUID: string;
}

/** What a rule of a hanging protocol is evaluated for: a study, or a display set, which has a modality. */
export type Matchable = StudyMetadata & { readonly Modality?: string; readonly SeriesInstanceUID?: string };

export interface HangingProtocolService extends PubSub {
  getProtocolById?(protocolId: string): object | undefined;
  /** The studies that hanging protocols can show: at first those of the URL only. */
  readonly studies?: readonly StudyMetadata[];
  run?(
    shown: {
      readonly studies: readonly StudyMetadata[];
      readonly displaySets: readonly DisplaySet[];
      readonly activeStudy: StudyMetadata | undefined;
    },
    protocolId: string,
  ): void;
  addCustomAttribute(
    id: string,
    name: string,
    callback: (matched: Matchable, options?: { readonly studies?: readonly StudyMetadata[] }) => unknown,
  ): void;
}

export interface Services {
  readonly displaySetService: DisplaySetService;
  readonly viewportGridService: ViewportGridService;
  readonly cornerstoneViewportService: CornerstoneViewportService;
  readonly toolGroupService: ToolGroupService;
  readonly toolbarService: ToolbarService;
  readonly panelService: PanelService;
  readonly hangingProtocolService: HangingProtocolService;
  readonly userAuthenticationService?: UserAuthenticationService;
  readonly uiNotificationService?: UINotificationService;
  readonly customizationService?: CustomizationService;
  readonly measurementService?: PubSub;
  readonly syncGroupService?: SyncGroupService;
}

/** A measurement of the host's list. */
export interface Measurement {
  readonly uid?: string;
  readonly toolName?: string;
  readonly referenceStudyUID?: string;
  readonly referenceSeriesUID?: string;
  /** LPS, mm: of Bidirectional the ends of one diameter, then of the other. */
  readonly points?: readonly ArrayLike<number>[];
}

/** Parts of the host's screen that an extension may add to. */
export interface CustomizationService {
  setCustomizations?(customizations: Readonly<Record<string, unknown>>): void;
}

export interface ServicesManager {
  readonly services: Services;
}

export interface CommandsManager {
  runCommand(commandName: string, options?: object): unknown;
  getContext?(contextName: string): object | undefined;
  createContext?(contextName: string): void;
  registerCommand?(
    contextName: string,
    commandName: string,
    definition: { readonly commandFn: (options?: { readonly evt?: Event }) => void },
  ): void;
}

export interface Hotkey {
  readonly commandName: string;
  readonly keys: readonly string[];
  readonly label: string;
  readonly isEditable: boolean;
}

export interface HotkeysManager {
  registerHotkeys?(hotkey: Hotkey): void;
}

/** A retrieve request of OHIF's data source, sent when started. */
export interface DeferredRequest {
  start(): Promise<unknown>;
}

export interface DataSource {
  getImageIdsForDisplaySet?(displaySet: DisplaySet): readonly string[];
  getConfig?(): { readonly name?: string } | undefined;
  deleteStudyMetadataPromise?(key: string): void;
  readonly retrieve?: {
    readonly series?: {
      metadata?(query: {
        StudyInstanceUID: string;
        filters?: { seriesInstanceUID: string[] };
        returnPromises?: boolean;
      }): Promise<readonly DeferredRequest[] | undefined>;
    };
  };
}

export interface ExtensionManager {
  /** Not documented by the host, but there in 3.11 to 3.13. */
  readonly _hotkeysManager?: HotkeysManager;
  getModuleEntry(id: string): { readonly exports?: Readonly<Record<string, unknown>> } | undefined;
  getActiveDataSource(): readonly DataSource[] | undefined;
  /** `sourceName` of the data source that is shown; not documented by the host, but there in 3.11 to 3.13. */
  readonly activeDataSource?: string | null;
}

/** What the host passes to `preRegistration` and to the module getters. */
export interface ExtensionParameters {
  readonly servicesManager: ServicesManager;
  readonly commandsManager: CommandsManager;
  readonly hotkeysManager?: HotkeysManager;
  readonly extensionManager: ExtensionManager;
  readonly appConfig?: Readonly<Record<string, unknown>>;
}

export interface ImagePlane {
  readonly imagePositionPatient?: ArrayLike<number>;
  readonly rowCosines?: ArrayLike<number>;
  readonly columnCosines?: ArrayLike<number>;
  readonly rowPixelSpacing?: number;
  readonly columnPixelSpacing?: number;
  readonly rows?: number;
  readonly columns?: number;
}

export interface Annotation {
  annotationUID: string;
  highlighted: boolean;
  isLocked: boolean;
  isVisible: boolean;
  invalidated: boolean;
  /** OHIF 3.12 and later list no annotation that carries this mark. */
  isPreview: true;
  metadata: { toolName: string; FrameOfReferenceUID: string };
  data: { handles: { points: Point3[] }; label: string; samepoint?: Marker };
}

/** A measurement as the host's own tools keep it. */
export interface HostAnnotation extends Omit<Annotation, 'isPreview' | 'metadata' | 'data'> {
  metadata: {
    readonly toolName: string;
    readonly FrameOfReferenceUID: string;
    readonly referencedImageId: string;
    readonly viewPlaneNormal: Point3;
    readonly viewUp: Point3;
    readonly cameraFocalPoint: Point3;
  };
  data: {
    readonly label: string;
    readonly handles: {
      points: Point3[];
      readonly activeHandleIndex: null;
      readonly textBox: object;
    };
    /** Lengths by image, mm. */
    readonly cachedStats: Readonly<Record<string, object>>;
  };
}

export interface AnnotationManager {
  addAnnotation(annotation: Annotation): void;
  removeAnnotation(annotationUid: string): void;
  getAnnotation(annotationUid: string): Annotation | undefined;
}

export interface EnabledElement {
  readonly viewport: Viewport;
}

export interface InteractionEvent extends Event {
  readonly detail: { readonly element: HTMLDivElement; readonly currentPoints: { readonly world: Point3 } };
}

/** What the host's ProbeTool gives to a subclass. */
export interface AnnotationToolInstance {
  toolGroupId: string;
  /** Undefined in a tool that was never used. */
  editData:
    { annotation: Annotation; viewportIdsToRender: string[]; newAnnotation?: boolean } | null | undefined;
  isDrawing: boolean;
  _activateModify(element: HTMLDivElement): void;
  _deactivateModify(element: HTMLDivElement): void;
}

export interface ToolClass {
  new (toolProps?: object, defaultToolProps?: object): AnnotationToolInstance;
  toolName: string;
}

export interface CornerstoneTools {
  readonly ProbeTool: ToolClass;
  addTool(tool: ToolClass): void;
  readonly SynchronizerManager?: SynchronizerManager;
  readonly annotation: {
    readonly state: {
      getAnnotationManager(): AnnotationManager;
      getAnnotations(toolName: string, element: HTMLDivElement): Annotation[] | undefined;
      getAnnotation(annotationUid: string): HostAnnotation | undefined;
      /** Adds a measurement with the host's events: it is a row of its list. */
      addAnnotation(annotation: HostAnnotation, frameOfReferenceUid: string): void;
      /** Removes one, with the host's events. */
      removeAnnotation(annotationUid: string): void;
    };
  };
  readonly utilities: { triggerAnnotationRenderForViewportIds(viewportIds: readonly string[]): void };
  readonly drawing: Drawing;
}

/** What can be undone, the newest last. */
export interface HistoryMemo {
  push(memo: { restoreMemo(isUndo?: boolean): void }): unknown;
  undoIf?(condition: (memo: object) => boolean): boolean;
}

/** An image in the viewer's memory. */
export interface CachedImage {
  getPixelData?(): ArrayLike<number> | undefined;
  readonly voxelManager?: { getScalarData?(): ArrayLike<number> | undefined };
  readonly slope?: number;
  readonly intercept?: number;
  /** True where the values are modality values already. */
  readonly preScale?: { readonly scaled?: boolean };
}

export interface Cornerstone {
  readonly cache?: { getImage?(imageId: string): CachedImage | undefined };
  readonly imageLoader?: { loadAndCacheImage?(imageId: string): Promise<unknown> };
  getEnabledElement(element: HTMLDivElement): EnabledElement | undefined;
  readonly metaData: { get(type: string, imageId: string): unknown };
  readonly Enums?: { readonly Events?: Readonly<Record<string, string>> };
  readonly utilities?: { readonly HistoryMemo?: { readonly DefaultHistoryMemo?: HistoryMemo } };
}

/** The host's own cornerstone; the extension never brings a second one. */
export interface CornerstoneLibraries {
  readonly cornerstone: Cornerstone;
  readonly cornerstoneTools: CornerstoneTools;
}
