/** Panes of the fake host with pictures over them, for tests. */
import type { Client } from '../../client/client.ts';
import { FieldStore } from '../../linked/fieldStore.ts';
import type { Field } from '../../linked/field.ts';
import { fieldBetween, settled } from '../../linked/testing/linkedPanes.ts';
import type { DisplaySet } from '../../ohif.d.ts';
import { contextOf } from '../../testing/context.ts';
import type { TestContext } from '../../testing/context.ts';
import { lesionOf, proposed } from '../../testing/examples.ts';
import { axialSeries, FakeHost } from '../../testing/fakeHost.ts';
import { FakeServer } from '../../testing/fakeServer.ts';
import { SYNC_EVENTS } from '../../testing/fakeSyncGroups.ts';
import { Fusion } from '../fusion.ts';
import { decodeSimilarity } from '../similarityVolume.ts';
import { encodeSimilarity, latticeAt } from './encodeSimilarity.ts';

/** Values of an image of the fake host: 256 x 256. */
const PIXELS = 256 * 256;

/** jsdom has no canvas: what is put into one is kept. */
export function withCanvas(): ReadonlyMap<HTMLCanvasElement, Uint32Array> {
  const drawn = new Map<HTMLCanvasElement, Uint32Array>();
  HTMLCanvasElement.prototype.getContext = function getContext(this: HTMLCanvasElement) {
    return {
      createImageData: (width: number, height: number) => ({
        data: new Uint8ClampedArray(4 * width * height),
      }),
      putImageData: ({ data }: ImageData) => void drawn.set(this, new Uint32Array(data.buffer)),
    };
  } as never;
  return drawn;
}

/** Two panes, the current study on the left. */
export class FusedPanes {
  readonly fake: FakeHost;
  readonly context: TestContext;
  readonly fusion: Fusion;
  /** What was requested: fields as "field query target", similarities as "similarity query target". */
  readonly requests: string[] = [];
  readonly fields: FieldStore;
  readonly stop: () => void;
  /** What the server answers. */
  field: () => Promise<Field> = () => Promise.resolve(fieldBetween('current', 'prior'));
  similarity: Client['similarity'] = ({ target }) =>
    Promise.resolve(
      decodeSimilarity(
        encodeSimilarity({
          target: target.seriesInstanceUid,
          dims: [30, 30, 30],
          voxelToLps: latticeAt([-100, -100, 0]),
          at: ([i]) => 0.2 + i / 100,
        }),
      ),
    );

  constructor(
    shown: Readonly<Record<string, DisplaySet>> = {
      left: axialSeries('current', '20240301'),
      right: axialSeries('prior', '20230211'),
    },
  ) {
    this.fake = new FakeHost(shown);
    this.context = contextOf(this.fake, new FakeServer());
    this.fields = new FieldStore(
      {
        field: ({ query, target }) => {
          this.requests.push(`field ${query.seriesInstanceUid} ${target.seriesInstanceUid}`);
          return this.field();
        },
      },
      undefined,
    );
    this.fusion = new Fusion({
      ...this.context,
      client: {
        similarity: (request, options) => {
          const { query, target } = request;
          this.requests.push(`similarity ${query.seriesInstanceUid} ${target.seriesInstanceUid}`);
          return this.similarity(request, options);
        },
      },
      standing: { fields: this.fields, readable: () => ['CT', 'MR'] },
      current: () => '1.2.current',
    });
    const exit = this.fusion.enter();
    this.stop = () => {
      exit();
      document.body.replaceChildren();
    };
  }

  /** Selects a lesion with a place in the current study. */
  select(): void {
    const { lesions } = this.context;
    lesions.add(lesionOf('a', [proposed({ studyInstanceUid: '1.2.current' })]));
    lesions.select(lesionOf('a', []).trackingUid);
  }

  /** Puts images into the memory of the viewer: each voxel has the value of its series. */
  fill(values: Readonly<Record<string, number>>): void {
    for (const [name, value] of Object.entries(values)) {
      const image = { getPixelData: () => new Int16Array(PIXELS).fill(value), preScale: { scaled: true } };
      for (let k = 0; k < 40; k += 1) this.fake.images.set(`wadors:ds-${name}/${k}`, image);
    }
  }

  async run(command: Parameters<Fusion['run']>[0]): Promise<void> {
    this.fusion.run(command);
    await settled();
  }

  /** What is said over a pane; undefined where there is nothing. */
  text(id: string): string | undefined {
    return this.#part(id, '[data-samepoint="fusion-legend"]')?.textContent;
  }

  /** The canvas over a pane; undefined where nothing is drawn. */
  canvas(id: string): HTMLCanvasElement | undefined {
    const canvas = this.#part(id, 'canvas') as HTMLCanvasElement | undefined;
    return canvas?.hidden === true || canvas?.style.width === '' ? undefined : canvas;
  }

  /** A pane shows another level. */
  show(id: string, z: number): void {
    const pane = this.fake.viewports.get(id);
    if (pane === undefined) throw new Error(`no pane ${id}`);
    pane.z = z;
    pane.element.dispatchEvent(new CustomEvent(SYNC_EVENTS.IMAGE_RENDERED));
  }

  #part(id: string, selector: string): HTMLElement | undefined {
    return this.fake.viewports.get(id)?.element.querySelector<HTMLElement>(selector) ?? undefined;
  }
}
