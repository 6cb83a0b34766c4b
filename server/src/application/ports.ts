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
  Model,
  ModelRegistry,
  Thumbnail,
} from '../embedding/index.ts';
import type { MatchRequest as RoomMatchRequest, PointOutcome, PreviewRequest } from '../matching/index.ts';
import type { BuiltReport, ReadReport, ReportRequest } from '../report/index.ts';
import type { Volume } from '../volume/index.ts';

/** The rooms of the flow, in its order. */
export interface Rooms {
  readVolume(
    instances: AsyncIterable<Uint8Array>,
    options: { readonly signal?: AbortSignal },
  ): Promise<Volume>;
  embeddingKey(sopInstanceUids: readonly string[], model: Model): EmbeddingKey;
  thumbnailOf(volume: Volume, signal?: AbortSignal): Promise<Thumbnail>;
  thumbnailOfEmbedding(embedding: Embedding): Thumbnail;
  previewPoints(request: PreviewRequest): Promise<readonly PointOutcome[]>;
  matchPoints(request: RoomMatchRequest): Promise<readonly PointOutcome[]>;
  buildReport(request: ReportRequest): BuiltReport;
  readReport(part10: Uint8Array): Promise<ReadReport>;
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
  readonly cache: Pick<EmbeddingCache, 'get' | 'put'>;
  readonly rooms: Rooms;
  readonly logger: Logger;
  readonly clock: Clock;
}
