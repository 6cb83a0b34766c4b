import { HALO_COLOUR, STATE_COLOURS } from '../viewer/colours.ts';

const PAIR_BORDERS = Object.entries(STATE_COLOURS)
  .map(
    ([state, colour]) => `[data-samepoint="pair"][data-state="${state}"] { border-left-color: ${colour}; }`,
  )
  .join('\n');

/**
 * Style sheet of the panel. Colours are OHIF's own variables (HSL components), with the values of its dark theme as
 * fallback; selectors start at the panel, so that nothing of the host is touched.
 */
export const STYLES = `
[data-samepoint="panel"] {
  --sp-text: hsl(var(--foreground, 0 0% 98%));
  --sp-muted: hsl(var(--muted-foreground, 210 40% 75%));
  --sp-accent: hsl(var(--primary, 214 98% 60%));
  --sp-field: hsl(var(--background, 236 62% 5%));
  --sp-line: hsl(var(--input, 236 45% 30%));
  box-sizing: border-box; height: 100%; padding: 8px;
  display: flex; flex-direction: column; gap: 8px;
  color: var(--sp-text); font-size: 13px; line-height: 1.4;
}
[data-samepoint="content"] {
  flex: 1 1 0; min-height: 0; overflow-y: auto; display: flex; flex-direction: column; gap: 8px;
}
[data-samepoint="content"] > * { flex-shrink: 0; }
[data-samepoint="panel"] [hidden] { display: none; }
[data-samepoint="panel"] p { margin: 0; }
[data-samepoint="panel"] ul, [data-samepoint="panel"] ol {
  list-style: none; margin: 0; padding: 0; display: flex; flex-direction: column; gap: 8px;
}
[data-samepoint="panel"] button {
  font: inherit; font-size: 12px; color: var(--sp-text); background: transparent; cursor: pointer;
  border: 1px solid var(--sp-line); border-radius: 4px; padding: 2px 6px;
}
[data-samepoint="panel"] button:hover:not(:disabled) { border-color: var(--sp-accent); }
[data-samepoint="panel"] button:focus-visible, [data-samepoint="panel"] input:focus-visible {
  outline: 2px solid var(--sp-accent); outline-offset: 1px;
}
[data-samepoint="panel"] button:disabled { opacity: 0.45; cursor: default; }
[data-samepoint="why"] summary { cursor: pointer; font-size: 12px; }
[data-samepoint="hint"], [data-samepoint="why"] summary, [data-samepoint="score"], [data-samepoint="time-points"], [data-samepoint="disclaimer"],
[data-samepoint="notice-remedy"], [data-samepoint="move-hint"], [data-samepoint="preview"] { color: var(--sp-muted); }
[data-samepoint="pair"], [data-samepoint="search"], [data-samepoint="notice"], [data-samepoint="series-warning"] {
  border: 1px solid var(--sp-line); border-left-width: 4px; border-radius: 4px; padding: 8px;
  display: flex; flex-direction: column; gap: 6px;
}
${PAIR_BORDERS}
[data-samepoint="pair"][data-moving="true"] { outline: 2px solid var(--sp-accent); outline-offset: -1px; }
[data-samepoint="pair"][data-state="rejected"] [data-samepoint="label"] { text-decoration: line-through; opacity: 0.6; }
[data-samepoint="pair"]:is([data-uncertain="true"], [data-missing="true"]) [data-samepoint="certainty"],
[data-samepoint="pair"][data-uncertain="true"] [data-samepoint="score"] { color: ${STATE_COLOURS.searching}; }
[data-samepoint="search"], [data-samepoint="series-warning"] { border-left-color: ${STATE_COLOURS.searching}; }
[data-samepoint="notice"] { border-left-color: rgb(230, 90, 60); }
[data-samepoint="panel"] :is([data-samepoint="notice"], [data-samepoint="series-warning"], [data-samepoint="search"]) button { align-self: flex-start; }
[data-samepoint="pair-facts"] { display: flex; flex-wrap: wrap; gap: 2px 8px; justify-content: space-between; font-size: 12px; }
[data-samepoint="label"] {
  font: inherit; width: 100%; box-sizing: border-box; color: var(--sp-text); background: var(--sp-field);
  border: 1px solid var(--sp-line); border-radius: 4px; padding: 2px 6px;
}
[data-samepoint="label"]:read-only { border-color: transparent; background: transparent; }
[data-samepoint="state"] { white-space: nowrap; }
[data-samepoint="pair-actions"], [data-samepoint="notice-actions"] { display: flex; flex-wrap: wrap; gap: 4px; }
[data-samepoint="progress"] {
  appearance: none; width: 100%; height: 6px; border: 0; border-radius: 3px; overflow: hidden; background: var(--sp-line);
}
[data-samepoint="progress"]::-webkit-progress-bar { background: var(--sp-line); }
[data-samepoint="progress"]::-webkit-progress-value { background: var(--sp-accent); }
[data-samepoint="progress"]::-moz-progress-bar { background: var(--sp-accent); }
[data-samepoint="footer"] {
  flex-shrink: 0; display: flex; flex-direction: column; gap: 6px; border-top: 1px solid var(--sp-line); padding-top: 8px;
}
[data-samepoint="panel"] [data-samepoint="save"] {
  background: var(--sp-accent); border-color: var(--sp-accent); color: ${HALO_COLOUR}; padding: 6px 8px; font-size: 13px;
}
[data-samepoint="disclaimer"] { font-size: 11px; }
`;
