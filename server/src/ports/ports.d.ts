/**
 * What the application needs of the modules and of the machine. The modules' own functions fit these ports; tests put light
 * fakes in their place.
 * @module
 */
import type { CredentialsHash, Logger, MissingSeries, MonotonicClock, Sources, Subject } from '../access/index.ts';
import type { DicomwebSource } from '../dicomweb/index.ts';
import type { Embedder, Embedding, PreviewImage } from '../embedding/index.ts';
import type { EmbeddingCache, EmbeddingKey, KeyedSeries } from '../embeddingCache/index.ts';
import type { Model, ModelRegistry } from '../model/index.ts';
import type { Affine } from '../geometry/index.ts';
import type { DeformationRequest, SimilarityRequest, MatchRequest as EngineMatchRequest, PairPose, PointOutcome, PreviewRequest } from '../matching/index.ts';
import type { ReadFindings } from '../findings/index.ts';
import type { ReadReport, ReportRequest, TimePointReportRequest } from '../report/index.ts';
import type { ReadRegistration, RegistrationRequest } from '../registrationObject/index.ts';
import type { BuiltReport } from '../documents/index.ts';
import type { ReportRef } from '../pacsObjects/index.ts';
import type { InstanceContent, Volume } from '../volume/index.ts';
import type { SingleInstance, ReadVolumeOptions } from '../volumeAssembly/index.ts';
import type { RegisterRequest, RegistrationFacts, WarpRequest } from '../warp/index.ts';
import type { MemoryBudget } from '../admission/index.ts';
import type { WorkQueue } from '../work/index.ts';
/** The modules of the flow, in its order. */
export interface Modules {
    readVolume(instances: AsyncIterable<Uint8Array>, options: Pick<ReadVolumeOptions, 'signal' | 'onInstance' | 'onComplete' | 'expectedInstances' | 'consumeInstances' | 'sampling' | 'onSize'>): Promise<Volume>;
    /** @param known what was read before; where it was sent in the same way it is not decoded. */
    readInstance(part10: Uint8Array, known?: InstanceContent): Promise<SingleInstance>;
    embeddingKey(series: KeyedSeries, model: Model): EmbeddingKey;
    /** Of the embedding of the same images in a turned world. */
    turnedEmbeddingKey(embedding: Embedding, turn: Affine, model: Model): EmbeddingKey;
    previewImageOf(volume: Volume, signal?: AbortSignal): Promise<PreviewImage>;
    previewImageOfEmbedding(embedding: Embedding): PreviewImage;
    previewPoints(request: PreviewRequest): Promise<readonly PointOutcome[]>;
    /** How the patients of a pair lie against each other. */
    findPose(query: Embedding, target: Embedding, signal?: AbortSignal): Promise<PairPose>;
    matchPoints(request: EngineMatchRequest): Promise<readonly PointOutcome[]>;
    /** The map of a pair, encoded. */
    computeField(request: DeformationRequest): Promise<Uint8Array>;
    /** In a thread of its own. */
    registerPair(request: RegisterRequest & {
        readonly signal?: AbortSignal | undefined;
    }): Promise<RegistrationFacts>;
    /** The moving series on the fixed grid, slice by slice; in a thread. */
    warpSeries(request: WarpRequest): AsyncIterable<Int16Array | Float32Array>;
    /** Where a series looks like one point of another, encoded. */
    computeSimilarity(request: SimilarityRequest): Promise<Uint8Array>;
    buildReport(request: ReportRequest): BuiltReport;
    buildRegistration(request: RegistrationRequest): BuiltReport;
    readRegistration(part10: Uint8Array): Promise<ReadRegistration>;
    buildTimePointReport(request: TimePointReportRequest): BuiltReport;
    readReport(part10: Uint8Array): Promise<ReadReport>;
    readFindings(part10: Uint8Array): Promise<ReadFindings>;
}
/** What a user did: had a series embedded (`embed`), matched points, had a pair mapped (`field`), read the result of a job, reports, registrations, findings or the list of priors, stored a report or registration. */
export type AuditPurpose = 'embed' | 'match' | 'field' | 'result' | 'reports' | 'registrations' | 'findings' | 'priors' | 'store';
/** Who did it, as far as is known. */
export interface AuditUser {
    /** A claim; where the PACS granted access, it has accepted the credentials that claim it. */
    readonly subject?: Subject;
    /** Stands for the credentials where they name no user; of this process only. */
    readonly credentials?: CredentialsHash;
    readonly address?: string;
}
/** What it was done to. */
export interface AuditedStudy {
    readonly studyInstanceUid: string;
    readonly seriesInstanceUids: readonly string[];
    /** Known where the PACS has granted access. */
    readonly patientId?: string;
    readonly issuer?: string;
}
/** One entry of the audit trail. Holds identities: it is for the trail and for nothing else. */
export interface AuditEvent {
    readonly purpose: AuditPurpose;
    readonly user: AuditUser;
    readonly studies: readonly AuditedStudy[];
    /** With `store`: what was stored. */
    readonly report?: ReportRef & {
        readonly sopClassUid?: string;
    };
    /** Where nothing was sent out of the server. */
    readonly failure?: {
        readonly code: string;
        readonly isRefusal: boolean;
    };
}
/** The audit trail. Recording neither waits nor fails; a trail that cannot be written is a problem that /health shows. */
export interface Audit {
    record(event: AuditEvent): void;
    readonly problem: {
        readonly code: string;
        readonly message: string;
    } | undefined;
}
/** Milliseconds since the epoch: for dates. Somebody may set it back. */
export type Clock = () => number;
/** Everything that is given to the application. */
export interface Ports {
    /** The PACS; where there are several, that to which a reference says it belongs. */
    readonly source: DicomwebSource;
    /** The PACS by their names; one without a name where absent. */
    readonly sources?: Sources;
    readonly models: ModelRegistry;
    readonly embedder: Pick<Embedder, 'embed' | 'embedTurned' | 'executionProvider'>;
    readonly cache: Pick<EmbeddingCache, 'get' | 'put' | 'drop' | 'getField' | 'putField' | 'getPreview' | 'putPreview' | 'keyOf' | 'persist' | 'persistField'>;
    /** Where work waits for its turn; computed in this process where absent. */
    readonly work?: WorkQueue;
    /** Called when the PACS says that it does not hold a series. */
    readonly onMissing?: (missing: MissingSeries) => void;
    /** Grants memory before a series is read. */
    readonly memory: MemoryBudget;
    readonly modules: Modules;
    readonly logger: Logger;
    readonly audit: Audit;
    readonly clock: Clock;
    readonly monotonic: MonotonicClock;
}
