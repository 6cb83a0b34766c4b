/** The few globals of the stock viewer (3.11 to 3.14) that the tests look at: what the page itself believes. */
type Point2 = [number, number];
type Point3 = [number, number, number];

interface OhifViewport {
  readonly type?: string;
  readonly element: HTMLDivElement;
  jumpToWorld?: (world: Point3) => boolean;
  setViewReference?: (reference: object) => void;
  scroll?: (delta: number) => void;
  getImageIds?: () => readonly string[];
  getImageData?: () => unknown;
  worldToCanvas(world: Point3): Point2;
  canvasToWorld(canvas: Point2): Point3;
  setProperties?(properties: { voiRange: { lower: number; upper: number } }): void;
  setZoom?(zoom: number): void;
  getPan?(): Point2;
  setPan?(pan: Point2): void;
  getFrameOfReferenceUID(): string | undefined;
  render(): void;
}

interface OhifDisplaySet {
  readonly displaySetInstanceUID: string;
  readonly SeriesInstanceUID: string;
  readonly StudyInstanceUID: string;
  readonly Modality: string;
}

interface OhifMeasurement {
  readonly label?: string;
  readonly toolName?: string;
  readonly referenceStudyUID?: string;
  readonly referenceSeriesUID?: string;
  readonly SOPInstanceUID?: string;
  readonly points?: readonly (readonly number[])[];
}

interface OhifServices {
  readonly viewportGridService: {
    getState(): {
      readonly viewports: ReadonlyMap<string, { readonly displaySetInstanceUIDs?: readonly string[] }>;
    };
    setDisplaySetsForViewports(viewports: readonly object[]): void;
  };
  readonly cornerstoneViewportService: { getCornerstoneViewport(id: string): OhifViewport | null };
  readonly displaySetService: {
    getDisplaySetByUID(uid: string): OhifDisplaySet | undefined;
    getActiveDisplaySets(): readonly OhifDisplaySet[];
  };
  readonly hangingProtocolService: { setProtocol(id: string): void };
  readonly toolGroupService: { getActivePrimaryMouseButtonTool(id: string): string | undefined };
  readonly measurementService: { getMeasurements(): readonly OhifMeasurement[] };
}

interface CornerstoneAnnotation {
  readonly metadata: { readonly toolName: string };
  /** Whether its measures are to be computed anew. */
  invalidated?: boolean;
}

interface CornerstoneTools {
  readonly annotation: {
    readonly state: {
      getAllAnnotations(): readonly CornerstoneAnnotation[];
      getAnnotationManager(): {
        addAnnotation(annotation: object): void;
        removeAnnotation(annotationUid: string): void;
      };
    };
  };
  readonly utilities: { triggerAnnotationRenderForViewportIds(viewportIds: readonly string[]): void };
}

interface Window {
  cornerstone?: {
    readonly metaData: {
      get(
        type: 'imagePlaneModule',
        imageId: string,
      ): { readonly imagePositionPatient?: readonly number[] } | undefined;
    };
  };
  cornerstoneTools?: CornerstoneTools;
  services?: OhifServices;
  /** When a key was pressed, and pictures were drawn since, ms of the page. */
  samepointTimes?: { readonly pressed: number; readonly drawn: readonly number[] };
  samepointTest?: {
    viewports(): readonly { readonly id: string; readonly series: string; readonly viewport: OhifViewport }[];
    showing(series: string): OhifViewport;
  };
}
