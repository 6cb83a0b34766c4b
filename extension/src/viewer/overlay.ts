import { hostElement } from '../panel/hostElement.ts';
import type { CustomizationService } from '../ohif.d.ts';

/** What the overlay shows, and when it changes. */
export interface OverlaySource {
  /** Text for a viewport; '' where it has none. */
  textFor(viewportId: string): string;
  subscribe(listener: () => void): () => void;
}

type Component = ReturnType<typeof hostElement>;

/**
 * Adds a line to the host's overlay in the lower right corner of each viewport. The line is an element that is kept up to date here: the
 * host draws its overlay again only when the image changes.
 */
export function addOverlay(service: CustomizationService | undefined, source: OverlaySource): void {
  const components = new Map<string, Component>();
  const componentOf = (viewportId: string): Component => {
    const known = components.get(viewportId);
    if (known !== undefined) return known;
    const made = hostElement((container) => {
      container.style.whiteSpace = 'nowrap';
      const update = (): void => {
        container.textContent = source.textFor(viewportId);
      };
      update();
      return source.subscribe(update);
    });
    components.set(viewportId, made);
    return made;
  };
  service?.setCustomizations?.({
    'viewportOverlay.bottomRight': {
      $push: [
        {
          id: 'SamepointReview',
          contentF: ({ viewportId = '' }: { readonly viewportId?: string }) => componentOf(viewportId)({}),
        },
      ],
    },
  });
}
