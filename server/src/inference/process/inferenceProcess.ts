import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { extname } from 'node:path';
import type { Duplex } from 'node:stream';
import { SamepointError } from '../../errors/index.ts';
import type { ErrorCode } from '../../errors/index.ts';
import type { VolumeWarning } from '../../volume/types.ts';
import { arenaBytes, ArrayReceiver, ArraySender } from './arrayStream.ts';
import type { ReceivedArrays } from './arrayStream.ts';
import { FrameMemory } from './frameMemory.ts';
import { inferenceEnvironment } from './inferenceEnvironment.ts';
import type { WorkingVolume } from '../../preprocessing/index.ts';
import { ARRAYS_FD, WITH_MEMORY } from './protocol.ts';
import type { ExecutionProvider } from '../../model/index.ts';
import type {
  Ending,
  FromWorker,
  ImageShape,
  InferenceSettings,
  MapShape,
  RefusedProvider,
  ToWorker,
} from './protocol.ts';
import type { ModelReference, WorkerFailure, WorkingShape } from '../../preprocessing/types.ts';

/** Which execution provider runs, and why the ones requested before it do not. */
export interface ExecutionProviderReport {
  /** Undefined until the first model is open. */
  readonly running: ExecutionProvider | undefined;
  readonly refused: readonly RefusedProvider[];
}

/** The answer of the inference process to one request. */
export interface InferenceAnswer {
  readonly maps: readonly MapShape[];
  readonly image: ImageShape | undefined;
  readonly warnings: readonly VolumeWarning[];
  readonly arrays: ReceivedArrays;
}

/** One request: a volume through a model, or without a volume just the model opened. */
export interface InferenceRequest {
  readonly model: ModelReference;
  readonly volume?: WorkingVolume;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((fraction: number) => void) | undefined;
}

/**
 * How a child process is started, with a pipe at {@link ARRAYS_FD}; tests give others.
 * @param memory file descriptors of {@link FrameMemory} to it and from it, or none
 */
export type ForkWorker = (memory: readonly number[]) => ChildProcess;

/** The inference process and the way of its arrays. */
interface Child {
  readonly process: ChildProcess;
  readonly sender: ArraySender;
  readonly receiver: ArrayReceiver;
}

/** End of a child process that was not requested. */
class ProcessDied extends Error {}

/** End of a child process because of another request that did not heed its cancel. */
class ProcessSacrificed extends Error {}

/** Characters of the child's stderr kept for the crash report. */
const STDERR_TAIL = 400;

/**
 * Starts the inference process, with the environment that it needs and nothing else (inferenceEnvironment.ts).
 * The file has the extension of this one: .ts in the sources, .js in a build.
 */
export function forkWorker(memory: readonly number[]): ChildProcess {
  const file = new URL(`./inferenceMain${extname(import.meta.url)}`, import.meta.url);
  return fork(file, memory.length > 0 ? [WITH_MEMORY] : [], {
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'pipe', 'ipc', 'pipe', ...memory],
    execArgv: ['--disable-warning=ExperimentalWarning'],
    env: inferenceEnvironment(process.env),
  });
}

/**
 * The one inference process of an embedder: started when needed, again after a crash, killed when it does not heed a
 * cancel in time. A process and not a thread, because onnxruntime blocks its event loop and a terminated thread ends
 * the server with it. Requests share it; one that has to be killed ends the others as well, and they begin again.
 */
export class InferenceProcess {
  readonly #settings: InferenceSettings;
  readonly #cancelGraceMs: number;
  readonly #fork: ForkWorker;
  #child: Child | undefined;
  #lastId = 0;
  #sending: Promise<void> = Promise.resolve();
  /** The provider being tried right now: to blame if the process dies. */
  #trying: ExecutionProvider | undefined;
  /** Providers that killed a process; never tried again. */
  readonly #deadly: RefusedProvider[] = [];
  /** Killed because a request did not heed its cancel. */
  readonly #sacrificed = new WeakSet<ChildProcess>();
  #report: ExecutionProviderReport = { running: undefined, refused: [] };

  constructor(settings: InferenceSettings, cancelGraceMs: number, forkChild: ForkWorker = forkWorker) {
    this.#settings = settings;
    this.#cancelGraceMs = cancelGraceMs;
    this.#fork = forkChild;
  }

  get report(): ExecutionProviderReport {
    return { running: this.#report.running, refused: [...this.#deadly, ...this.#report.refused] };
  }

  /**
   * Serves one request. Settles only when the process is free again.
   * @throws the signal's reason when cancelled; SamepointError otherwise.
   */
  async serve(request: InferenceRequest): Promise<InferenceAnswer> {
    try {
      return await this.#attempt(request);
    } catch (error) {
      if (!(error instanceof ProcessDied || error instanceof ProcessSacrificed)) throw error;
      if (request.signal?.aborted === true) throw request.signal.reason;
      if (error instanceof ProcessSacrificed) return await this.serve(request);
      const culprit = this.#trying;
      this.#trying = undefined;
      if (culprit === undefined || culprit === 'cpu') {
        const fields = { model: request.model.id, reason: error.message };
        throw new SamepointError('embedding/inference-crashed', fields, { cause: error });
      }
      this.#deadly.push({ provider: culprit, reason: `starting it ended the process: ${error.message}` });
      return await this.serve(request);
    }
  }

  /** Starts the process where there is none, so that it is there when a volume is. */
  start(): void {
    this.#running();
  }

  /** Ends the process at once. */
  kill(): void {
    this.#child?.process.kill('SIGKILL');
    this.#child = undefined;
  }

  async #attempt(request: InferenceRequest): Promise<InferenceAnswer> {
    request.signal?.throwIfAborted();
    const child = this.#running();
    const id = (this.#lastId += 1);
    const answer = this.#answerOf(child, id, request);
    // One volume after the other, so that the first one can begin. A message that cannot be sent means that the process is
    // going; its exit settles the answer.
    this.#sending = this.#sending.then(() => this.#send(child, id, request)).catch(() => undefined);
    return await answer;
  }

  #running(): Child {
    return (this.#child ??= this.#start());
  }

  #start(): Child {
    const [to, from] = memoryPair();
    const process = this.#fork([to, from].flatMap((memory) => memory?.fd ?? []));
    const socket = process.stdio[ARRAYS_FD] as Duplex;
    const sender = new ArraySender(socket, to);
    const child = { process, sender, receiver: new ArrayReceiver(sender, from) };
    socket.on('data', (chunk: Uint8Array) => {
      child.receiver.receive(chunk);
    });
    // It breaks when the process ends, and that settles the requests.
    socket.on('error', () => undefined);
    process.once('exit', () => {
      if (this.#child === child) this.#child = undefined;
    });
    socket.once('close', () => {
      sender.close();
      to?.close();
      from?.close();
    });
    return child;
  }

  /** The volume's arrays, then the request. When cancelled on the way the request still follows: the process answers "cancelled". */
  async #send(child: Child, id: number, { model, volume, signal }: InferenceRequest): Promise<void> {
    const providers = this.#settings.providers.filter(
      (wanted) => !this.#deadly.some(({ provider }) => provider === wanted),
    );
    if (volume !== undefined && signal?.aborted !== true) {
      const { input, image } = volume;
      // In memory of its own that the process's threads share.
      const request = { id, arenaBytes: arenaBytes([input, image.values]) };
      await child.sender.send(request, 'input', input, { signal });
      await child.sender.send(request, 'image', image.values, { signal });
    }
    const { id: name, directory, manifest } = model;
    await postTo(child.process, {
      type: 'embed',
      id,
      model: { id: name, directory, manifest },
      volume: volume && shapeOf(volume),
      settings: { ...this.#settings, providers },
      sent: child.sender.position,
    });
  }

  #answerOf({ process, receiver }: Child, id: number, request: InferenceRequest): Promise<InferenceAnswer> {
    const { signal } = request;
    return new Promise((resolve, reject) => {
      const stderr = stderrTail(process);
      let grace: NodeJS.Timeout | undefined;
      const listeners = {
        message: (message: FromWorker): void => {
          const ending = this.#receive(id, message, request);
          if (ending === undefined) return;
          void receiver.reached(ending.sent).then(() => {
            const arrays = receiver.remove(id);
            settle(outcomeOf(ending, signal, arrays));
          });
        },
        exit: (code: number | null, killedBy: string | null): void => {
          const End = this.#sacrificed.has(process) ? ProcessSacrificed : ProcessDied;
          settle({ error: new End(`${killedBy ?? `exit code ${code ?? 'unknown'}`}${stderr.text()}`) });
        },
        error: (error: Error): void => {
          settle({ error: new ProcessDied(error.message, { cause: error }) });
        },
      };
      const cancel = (): void => {
        postTo(process, { type: 'cancel', id }).catch(() => undefined);
        grace = setTimeout(() => {
          this.#sacrificed.add(process);
          process.kill('SIGKILL');
        }, this.#cancelGraceMs);
      };
      const settle = (outcome: Outcome): void => {
        for (const [event, listener] of Object.entries(listeners)) process.off(event, listener);
        stderr.stop();
        clearTimeout(grace);
        signal?.removeEventListener('abort', cancel);
        if ('maps' in outcome) resolve(outcome);
        else reject(outcome.error);
      };
      for (const [event, listener] of Object.entries(listeners)) process.on(event, listener);
      signal?.addEventListener('abort', cancel);
    });
  }

  /** Reads a message; gives back the one that ends request `id`. */
  #receive(id: number, message: FromWorker, { onProgress }: InferenceRequest): FinalMessage | undefined {
    switch (message.type) {
      case 'trying':
        this.#trying = message.provider;
        return undefined;
      case 'running':
        this.#trying = undefined;
        this.#report = { running: message.provider, refused: message.refused };
        return undefined;
      case 'progress':
        if (message.id === id) onProgress?.(message.fraction);
        return undefined;
      default:
        return message.id === id ? message : undefined;
    }
  }
}

function shapeOf(volume: WorkingVolume): WorkingShape & { readonly imageScale: number } {
  const { sourceDims, modality, grid, inputDims, image } = volume;
  return { sourceDims, modality, grid, inputDims, imageScale: image.scale };
}

/** Memory for either way; none where there is not enough for both. */
function memoryPair(): readonly [FrameMemory, FrameMemory] | readonly [] {
  const to = FrameMemory.create();
  const from = to && FrameMemory.create();
  if (to !== undefined && from !== undefined) return [to, from];
  to?.close();
  return [];
}

type FinalMessage = Extract<FromWorker, Ending>;
type Outcome = InferenceAnswer | { readonly error: Error };

function outcomeOf(ending: Ending, signal: AbortSignal | undefined, arrays: ReceivedArrays): Outcome {
  switch (ending.type) {
    case 'done':
      return { maps: ending.maps, image: ending.image, warnings: ending.warnings ?? [], arrays };
    case 'cancelled':
      return { error: signal?.reason as Error };
    case 'failed':
      return { error: toError(ending.failure) };
  }
}

function toError({ code, fields }: WorkerFailure): SamepointError {
  // Code and fields belong together in WorkerFailure; the union cannot be narrowed for a generic constructor.
  return new SamepointError<ErrorCode>(code, fields);
}

function postTo(child: ChildProcess, message: ToWorker): Promise<void> {
  return new Promise((resolve, reject) => {
    child.send(message, (error) => {
      if (error === null) resolve();
      else reject(error);
    });
  });
}

/** Collects the end of what a process says before it dies; `stop` must be called, the process outlives the request. */
function stderrTail(child: ChildProcess): { readonly text: () => string; readonly stop: () => void } {
  let tail = '';
  const collect = (chunk: Buffer): void => {
    tail = (tail + chunk.toString('utf8')).slice(-STDERR_TAIL);
  };
  child.stderr?.on('data', collect);
  return {
    text: () => (tail === '' ? '' : `: ${tail.trim()}`),
    stop: () => child.stderr?.off('data', collect),
  };
}
