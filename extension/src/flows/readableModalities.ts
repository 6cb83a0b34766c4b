import { notices } from '../i18n/words.ts';
import type { Client } from '../client/client.ts';
import { ViewerFailure } from '../client/failure.ts';

/** The modalities that the server's model reads: series of other modalities cannot be compared. */
export interface ReadableModalities {
  /** Undefined until the server has answered. */
  readonly known: readonly string[] | undefined;
  /** @throws ViewerFailure */
  load(): Promise<readonly string[]>;
}

/** Requests the modalities from the server, until it has answered once. */
export class ServerModalities implements ReadableModalities {
  readonly #client: Client;
  readonly #model: string | undefined;
  #known: readonly string[] | undefined;

  /** @param model the model of the viewer's settings; the server's default where it is undefined */
  constructor(client: Client, model: string | undefined) {
    this.#client = client;
    this.#model = model;
  }

  get known(): readonly string[] | undefined {
    return this.#known;
  }

  async load(): Promise<readonly string[]> {
    if (this.#known !== undefined) return this.#known;
    const models = await this.#client.models();
    const own = models.find((model) =>
      this.#model === undefined ? model.default : model.id === this.#model,
    );
    if (own === undefined) throw this.#noModel();
    this.#known = own.modalities;
    return own.modalities;
  }

  #noModel(): ViewerFailure {
    return new ViewerFailure(
      'viewer/no-model',
      ...(this.#model === undefined
        ? notices().failures.noModel
        : notices().failuresOf.unknownModel(this.#model)),
    );
  }
}
