/**
 * The shapes of the panel. Each state has its own shape, so that it is known without its colour.
 * @module
 */
import type { ComponentChildren, JSX } from 'preact';
import type { Standing } from './standing.ts';

/** The grid of the shapes. */
const GRID = 16;

/** Of what waits for the reader: dashed, or a diamond; of what is decided: closed. */
const STANDING_SHAPES: Readonly<Record<Standing, JSX.Element>> = {
  waiting: <circle cx="8" cy="8" r="5" stroke-dasharray="1.5 2.4" />,
  proposed: <circle cx="8" cy="8" r="5" />,
  'proposed-resolved': (
    <>
      <circle cx="8" cy="8" r="5" stroke-dasharray="2.2 1.8" />
      <path d="M3.4 12.6 12.6 3.4" />
    </>
  ),
  uncertain: (
    <>
      <path d="M8 1.6 14.4 8 8 14.4 1.6 8Z" />
      <path d="M8 5v3.6M8 10.6v.6" />
    </>
  ),
  'out-of-view': (
    <>
      <path d="M2.5 9.5v4h11v-4" stroke-dasharray="2 1.6" />
      <path d="M8 10V2.5M5 5.2 8 2.2l3 3" />
    </>
  ),
  absent: (
    <>
      <path d="M8 1.6 14.4 8 8 14.4 1.6 8Z" />
      <path d="M6 6l4 4M10 6l-4 4" />
    </>
  ),
  marked: (
    <>
      <circle cx="8" cy="8" r="5.4" />
      <circle cx="8" cy="8" r="1.6" fill="currentColor" />
    </>
  ),
  accepted: <path d="M2.6 8.6 6.4 12.4 13.4 4" />,
  corrected: (
    <>
      <path d="M2.4 9.6 5.4 12.6 9.4 7.4" />
      <path d="M12.4 2v6M9.4 5h6" />
    </>
  ),
  resolved: (
    <>
      <circle cx="8" cy="8" r="5" />
      <path d="M3.4 12.6 12.6 3.4" />
    </>
  ),
  'not-covered': (
    <>
      <path d="M2.5 9.5v4h11v-4" />
      <path d="M8 10V2.5M5 5.2 8 2.2l3 3" />
    </>
  ),
  'not-evaluable': (
    <>
      <path d="M5.2 5.6a2.8 2.8 0 1 1 4.3 2.4c-.9.6-1.5 1-1.5 2" />
      <path d="M8 12.6v.6" />
    </>
  ),
  rejected: <path d="M4 4l8 8M12 4l-8 8" />,
};

function Shape({
  children,
  size,
}: {
  readonly children: ComponentChildren;
  readonly size: number;
}): JSX.Element {
  return (
    <svg
      width={size}
      height={size}
      viewBox={`0 0 ${GRID} ${GRID}`}
      fill="none"
      stroke="currentColor"
      stroke-width="1.6"
      stroke-linecap="round"
      stroke-linejoin="round"
      aria-hidden="true"
      focusable="false"
    >
      {children}
    </svg>
  );
}

/** How a lesion stands, as a shape; the text beside it says it in words. */
export function StandingIcon({ standing }: { readonly standing: Standing }): JSX.Element {
  return (
    <span data-samepoint="standing-icon" data-standing={standing}>
      <Shape size={14}>{STANDING_SHAPES[standing]}</Shape>
    </span>
  );
}

const ACTION_SHAPES = {
  previous: <path d="M10 3.5 5.5 8l4.5 4.5" />,
  next: <path d="M6 3.5 10.5 8 6 12.5" />,
  undo: <path d="M5.5 3 2.5 6l3 3M2.8 6h6.4a3.6 3.6 0 0 1 0 7.2H6" />,
  close: <path d="M4 4l8 8M12 4l-8 8" />,
  remove: <path d="M3 4.5h10M6.4 4.2V2.6h3.2v1.6M4.4 4.5l.6 9h6l.6-9" />,
  menu: <path d="M8 3.2v.1M8 8v.1M8 12.8v.1" />,
  help: (
    <>
      <circle cx="8" cy="8" r="6.2" />
      <path d="M6 6.4a2 2 0 1 1 3 1.7c-.7.4-1 .7-1 1.4M8 11.6v.1" />
    </>
  ),
  warning: <path d="M8 2.2 14.4 13.4H1.6ZM8 6.4v3.2M8 11.5v.1" />,
} as const;

/** The shape of what a button does; the button has a name of its own. */
export function ActionIcon({ name }: { readonly name: keyof typeof ACTION_SHAPES }): JSX.Element {
  return <Shape size={14}>{ACTION_SHAPES[name]}</Shape>;
}
