import type { FunctionComponent, ReactElement } from 'react';

/** What a React element carries for React 18 (`react.element`) and 19 (`react.transitional.element`). */
const REACT_18_ELEMENT = Symbol.for('react.element');

type Mount = (container: HTMLElement) => () => void;

/** The parts of React's root that show which kind of element the host makes. */
interface ReactRoot {
  readonly memoizedState?: { readonly element?: { readonly $$typeof?: symbol } };
}

/**
 * The mark that the host's own React puts on elements. React is not exposed by stock OHIF; the element that its page was
 * rendered from is. React 18's mark is used where it cannot be found.
 */
function elementMark(page: Document): symbol {
  const root = page.getElementById('root');
  const key =
    root === null ? undefined : Object.keys(root).find((name) => name.startsWith('__reactContainer$'));
  if (root === null || key === undefined) return REACT_18_ELEMENT;
  const fiber = (root as unknown as Record<string, ReactRoot | undefined>)[key];
  return fiber?.memoizedState?.element?.$$typeof ?? REACT_18_ELEMENT;
}

/**
 * A React component without React: one element that `mount` fills with plain DOM, and empties again when React removes the
 * element. The element is written by hand because stock OHIF exposes no React and a second copy would weigh more
 * than the panel.
 */
export function hostElement(mount: Mount): FunctionComponent {
  let unmount: (() => void) | undefined;
  const ref = (container: HTMLElement | null): void => {
    unmount?.();
    unmount = container === null ? undefined : mount(container);
  };
  return () => {
    const mark = elementMark(document);
    // In the host's column, below the header of its tabs: what remains of the height, whatever the content needs.
    const style = { height: '100%', width: '100%', flex: '1 1 0%', minHeight: 0 };
    const props = { style };
    // React 18 reads the ref beside the props, React 19 among them.
    const placed = mark === REACT_18_ELEMENT ? { ref, props } : { props: { ...props, ref } };
    const made = { $$typeof: mark, type: 'div', key: null, _owner: null, _store: {}, ...placed };
    return made as ReactElement;
  };
}
