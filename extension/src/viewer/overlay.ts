import { hostElement } from '../panel/hostElement.ts';
import type { CustomizationService } from '../ohif.d.ts';

/** What the overlay shows, and when it changes. */
export interface OverlaySource {
  /** Text for a viewport; '' where it has none. */
  textFor(viewportId: string): string;
  subscribe(listener: () => void): () => void;
}

type Component = ReturnType<typeof hostElement>;

/** The element of each viewport that a source fills. */
function componentsOf(source: OverlaySource): (viewportId: string) => Component {
  const components = new Map<string, Component>();
  return (viewportId) => {
    const known = components.get(viewportId);
    if (known !== undefined) return known;
    const made = hostElement((container) => {
      // The host cuts a line at the border of the image: the end of a reason is what the reader has to know.
      container.style.whiteSpace = 'normal';
      container.style.textAlign = 'right';
      const update = (): void => {
        container.textContent = source.textFor(viewportId);
      };
      update();
      return source.subscribe(update);
    });
    components.set(viewportId, made);
    return made;
  };
}

/**
 * Adds lines to the host's overlay in the lower right corner of each viewport. A line is an element that is kept up to date here: the
 * host draws its overlay again only when the image changes.
 * @param sources by the id of their line
 */
export function addOverlay(
  service: CustomizationService | undefined,
  sources: Readonly<Record<string, OverlaySource>>,
): void {
  const lines = Object.entries(sources).map(([id, source]) => {
    const componentOf = componentsOf(source);
    return {
      id,
      contentF: ({ viewportId = '' }: { readonly viewportId?: string }) => componentOf(viewportId)({}),
    };
  });
  service?.setCustomizations?.({ 'viewportOverlay.bottomRight': { $push: lines } });
}
