/**
 * What the application needs of the rooms and of the machine. The rooms' own functions fit these ports; tests put light
 * fakes in their place.
 * @module
 */
import type { DicomwebSource } from '../dicomweb/index.ts';
import type {
  Embedder,
  Embedding,
  EmbeddingCache,
  EmbeddingKey,
  KeyedSeries,
  Model,
  ModelRegistry,
  Thumbnail,
} from '../embedding/index.ts';
import type { MatchRequest as RoomMatchRequest, PointOutcome, PreviewRequest } from '../matching/index.ts';
import type { BuiltReport, ReadReport, ReportRequest } from '../report/index.ts';
import type { InstanceContent, InstanceIdentity, ReadInstance, Volume } from '../volume/index.ts';

/** The rooms of the flow, in its order. */
export interface Rooms {
  readVolume(
    instances: AsyncIterable<Uint8Array>,
    options: {
      readonly signal?: AbortSignal;
      /** Called with each instance before its frames are decoded; what it throws ends the read. */
      readonly onInstance?: (identity: InstanceIdentity) => void;
    },
  ): Promise<Volume>;
  /** @param known what was read before; where it was sent in the same way it is not decoded. */
  readInstance(part10: Uint8Array, known?: InstanceContent): Promise<ReadInstance>;
  embeddingKey(series: KeyedSeries, model: Model): EmbeddingKey;
  thumbnailOf(volume: Volume, signal?: AbortSignal): Promise<Thumbnail>;
  thumbnailOfEmbedding(embedding: Embedding): Thumbnail;
  previewPoints(request: PreviewRequest): Promise<readonly PointOutcome[]>;
  matchPoints(request: RoomMatchRequest): Promise<readonly PointOutcome[]>;
  buildReport(request: ReportRequest): BuiltReport;
  readReport(part10: Uint8Array): ReadReport;
}

/** Where a log line goes; pino's loggers fit. Neither fields nor messages hold patient data or credentials. */
export interface Logger {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** Milliseconds since the epoch. */
export type Clock = () => number;

/** Everything that is given to the application. */
export interface Ports {
  readonly source: DicomwebSource;
  readonly models: ModelRegistry;
  readonly embedder: Pick<Embedder, 'embed' | 'executionProvider'>;
  readonly cache: Pick<EmbeddingCache, 'get' | 'put' | 'drop'>;
  readonly rooms: Rooms;
  readonly logger: Logger;
  readonly clock: Clock;
}
