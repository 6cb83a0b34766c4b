/** Panes of the fake host that are linked, and a server with fields, for tests. */
import type { DisplaySet } from '../../ohif.d.ts';
import { contextOf } from '../../testing/context.ts';
import type { TestContext } from '../../testing/context.ts';
import { refOf } from '../../testing/examples.ts';
import { axialSeries, FakeHost } from '../../testing/fakeHost.ts';
import type { FakeViewport } from '../../testing/fakeViewport.ts';
import { FakeServer } from '../../testing/fakeServer.ts';
import { SYNC_EVENTS } from '../../testing/fakeSyncGroups.ts';
import type { Lps } from '../../wire.ts';
import type { Field } from '../field.ts';
import { Linking } from '../linking.ts';
import { fieldOf, sampleLattice } from './encodeField.ts';

/** The other scan lies this much higher on the table, mm: two slices. */
export const SHIFT_MM = 10;

/** A field between two fake series: 4 mm to the left, and two slices up. */
export function fieldBetween(from: string, to: string, changes: Partial<Field> = {}): Field {
  const lattice = (mm: number) =>
    sampleLattice({
      min: [-100, -100, -20],
      max: [110, 110, 220],
      spacingMm: 10,
      map: ([x, y, z]: Lps): Lps => [x + 4, y, z + mm],
      radius: () => 3,
    });
  const end = (name: string) => ({ ...refOf(name), frameOfReferenceUid: `1.2.${name}.7` });
  return fieldOf(
    { query: end(from), target: end(to), forward: lattice(SHIFT_MM), inverse: lattice(-SHIFT_MM) },
    changes,
  );
}

/** Lets promises that are settled go on. */
export async function settled(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 0));
}

/** Panes side by side, each 400 pixels wide: 1 pixel is 1 mm. */
export class LinkedPanes {
  readonly fake: FakeHost;
  readonly context: TestContext;
  readonly linking: Linking;
  /** Series Instance UIDs of the pairs whose fields were requested. */
  readonly requests: string[] = [];
  readonly stop: () => void;
  /** What the server answers. */
  answer: () => Promise<Field> = () => Promise.resolve(fieldBetween('current', 'prior'));

  constructor(
    shown: Readonly<Record<string, DisplaySet>> = {
      left: axialSeries('current', '20240301'),
      right: axialSeries('prior', '20230211'),
    },
  ) {
    this.fake = new FakeHost(shown);
    this.context = contextOf(this.fake, new FakeServer());
    this.linking = new Linking({
      ...this.context,
      client: {
        field: ({ query, target }) => {
          this.requests.push(`${query.seriesInstanceUid} ${target.seriesInstanceUid}`);
          return this.answer();
        },
      },
    });
    const exit = this.linking.enter(document);
    this.stop = () => {
      exit();
      document.body.replaceChildren();
    };
  }

  pane(id: string): FakeViewport {
    const viewport = this.fake.viewports.get(id);
    if (viewport === undefined) throw new Error(`no pane ${id}`);
    return viewport;
  }

  /** What the overlay of a pane says. */
  text(id: string): string {
    return this.linking.overlay.textFor(id);
  }

  /** The reader turns the wheel over a pane; its new image is shown. */
  scroll(id: string, z: number): void {
    const { left } = this.pane(id).element.getBoundingClientRect();
    document.dispatchEvent(new MouseEvent('wheel', { clientX: left + 200, clientY: 200 }));
    this.show(id, z);
  }

  /** A pane shows another slice, for whatever reason. */
  show(id: string, z: number): void {
    this.pane(id).z = z;
    this.pane(id).element.dispatchEvent(new CustomEvent(SYNC_EVENTS.STACK_NEW_IMAGE, { detail: {} }));
  }

  /** The mouse moves to a place of the page. */
  move(x: number, y: number): void {
    document.dispatchEvent(new MouseEvent('pointermove', { clientX: x, clientY: y }));
  }

  async link(): Promise<void> {
    this.linking.run('toggleLink');
    await settled();
  }
}
