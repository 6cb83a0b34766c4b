import type { Client } from '../client/client.ts';
import { wordsOf } from '../i18n/words.ts';
import { Listeners } from '../lesions/listeners.ts';
import type { LesionStore } from '../lesions/lesionStore.ts';
import type { Pane } from '../linked/panes.ts';
import type { StandingContext } from '../linked/standing.ts';
import type { Unsubscribe } from '../ohif.d.ts';
import type { Settings } from '../settings.ts';
import type { Host } from '../viewer/host.ts';
import type { FusionCommand, FusionMode } from '../viewer/viewCommands.ts';
import { PaneLayers } from './paneLayers.ts';
import type { PaneContent } from './picture.ts';
import { SeriesImages } from './seriesImages.ts';
import { similarityContent, sourceOf, wantedSimilarities } from './similarity.ts';
import type { SimilarityParts } from './similarity.ts';
import { SimilarityStore } from './similarityStore.ts';
import { pairsToSubtract, priorPaneOf, subtractionContent } from './subtraction.ts';
import type { SubtractionParts } from './subtraction.ts';

/** What is drawn with. */
export interface FusionContext {
  readonly host: Host;
  readonly client: Pick<Client, 'similarity'>;
  readonly lesions: Pick<LesionStore, 'lesion' | 'selected' | 'subscribe'>;
  readonly settings: Pick<Settings, 'model'>;
  readonly standing: StandingContext;
  /** The study that is read. */
  readonly current: () => string | undefined;
}

const MODES: Readonly<Record<FusionCommand, FusionMode>> = {
  toggleSimilarity: 'similarity',
  toggleDifference: 'difference',
  toggleWarped: 'prior',
};

/** Pictures that are computed and drawn over the panes: where a lesion's like is, and what has changed since the prior. */
export class Fusion {
  readonly #context: FusionContext;
  readonly #similarity: SimilarityParts;
  readonly #subtraction: SubtractionParts;
  readonly #layers: PaneLayers;
  readonly #images: SeriesImages;
  readonly #listeners = new Listeners();
  #mode: FusionMode = 'off';

  constructor(context: FusionContext) {
    this.#context = context;
    const { host, client, lesions, settings, standing, current } = context;
    const store = new SimilarityStore(client);
    this.#images = new SeriesImages(host, () => {
      this.#layers.update();
    });
    this.#similarity = { host, lesions, standing, store, model: settings.model };
    this.#subtraction = { host, standing, images: this.#images, current };
    this.#layers = new PaneLayers(host, (pane) => this.#contentOf(pane));
    for (const source of [store, standing.fields]) {
      source.subscribe(() => {
        this.#draw();
      });
    }
  }

  get mode(): FusionMode {
    return this.#mode;
  }

  /** True while a prior is on the screen that can be subtracted. */
  get canSubtract(): boolean {
    return priorPaneOf(this.#subtraction) !== undefined;
  }

  /** Calls the listener after each change; the result ends that. */
  subscribe(listener: () => void): Unsubscribe {
    return this.#listeners.add(listener);
  }

  /** A mode of the viewer is entered; the result ends everything again. */
  enter(): Unsubscribe {
    const unsubscribe = this.#context.lesions.subscribe(() => {
      if (this.#mode === 'similarity') this.update();
    });
    return () => {
      unsubscribe();
      this.#turn('off');
    };
  }

  /** Does what a key or a button says. */
  run(command: FusionCommand): void {
    const mode = this.#mode === MODES[command] ? 'off' : MODES[command];
    const missing = this.#missingFor(mode);
    if (missing === undefined) this.#turn(mode);
    else this.#context.host.toast({ title: 'Samepoint', message: missing, type: 'info' });
  }

  /** The viewports show something else, or another lesion is selected. */
  update(): void {
    this.#request();
    this.#draw();
  }

  #turn(mode: FusionMode): void {
    this.#mode = mode;
    // What failed before may work by now.
    this.#similarity.store.retry();
    this.#context.standing.fields.retry();
    this.#images.reset();
    this.update();
    this.#listeners.call();
  }

  /** What the reader has to do before something can be drawn; undefined for nothing. */
  #missingFor(mode: FusionMode): string | undefined {
    const { fusion } = wordsOf(window);
    if (mode === 'similarity')
      return sourceOf(this.#similarity) === undefined ? fusion.selectLesion : undefined;
    return mode === 'off' || this.canSubtract ? undefined : fusion.showPrior;
  }

  #request(): void {
    const { fields } = this.#context.standing;
    const isSubtracting = this.#mode === 'difference' || this.#mode === 'prior';
    fields.want(isSubtracting ? pairsToSubtract(this.#subtraction) : [], 'subtraction');
    const source = this.#mode === 'similarity' ? sourceOf(this.#similarity) : undefined;
    this.#similarity.store.want(source === undefined ? [] : wantedSimilarities(this.#similarity, source));
  }

  #draw(): void {
    if (this.#mode === 'off') this.#layers.clear();
    else this.#layers.update();
  }

  #contentOf(pane: Pane): PaneContent {
    const words = wordsOf(window);
    if (this.#mode === 'difference' || this.#mode === 'prior')
      return subtractionContent(this.#subtraction, this.#mode, pane, words);
    const source = sourceOf(this.#similarity);
    return source === undefined ? undefined : similarityContent(this.#similarity, source, pane, words);
  }
}
