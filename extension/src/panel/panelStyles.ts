import { ALERT, DARK, STANDING_COLOURS, WARNING } from './palette.ts';
import { TABLE_STYLES } from './tableStyles.ts';

const STANDINGS = Object.entries(STANDING_COLOURS)
  .map(([standing, colour]) => `${part('panel')} [data-standing="${standing}"] { --sp-standing: ${colour}; }`)
  .join('\n');

function part(name: string): string {
  return `[data-samepoint="${name}"]`;
}

/**
 * Colours are the viewer's own variables (HSL components), with the values of its dark theme as fallback. Edges of controls are brighter
 * than the viewer's: 3 : 1 against the background.
 */
const BASE = `
[data-samepoint="root"] { height: 100%; min-height: 0; }
[data-samepoint="panel"] {
  --sp-text: hsl(var(--foreground, 0 0% 98%));
  --sp-muted: hsl(215 35% 74%);
  --sp-accent: hsl(var(--primary, 214 98% 60%));
  --sp-field: hsl(var(--background, 236 62% 5%));
  --sp-line: hsl(228 40% 24%);
  --sp-edge: hsl(220 32% 52%);
  --sp-raised: hsl(228 48% 17%);
  --sp-panel: hsl(var(--muted, 234 64% 10%));
  box-sizing: border-box; height: 100%; min-height: 0; padding: 8px 6px 6px;
  display: flex; flex-direction: column; gap: 8px; overflow: hidden;
  background: var(--sp-panel); color: var(--sp-text); font-size: 12px; line-height: 1.35; font-variant-numeric: tabular-nums;
}
[data-samepoint="panel"] *, [data-samepoint="panel"] *::before { box-sizing: border-box; }
[data-samepoint="panel"] > * { flex-shrink: 0; }
[data-samepoint="panel"] [hidden] { display: none; }
[data-samepoint="panel"] :is(p, h2, dl, dd, ul, ol, fieldset) { margin: 0; padding: 0; border: 0; }
[data-samepoint="panel"] :is(ul, ol) { list-style: none; }
[data-samepoint="panel"] h2 { font-size: 13px; font-weight: 600; }
[data-samepoint="panel"] svg { display: block; }
[data-samepoint="panel"] :where(button, select, input[type="text"]) {
  font: inherit; color: var(--sp-text); background: var(--sp-field); border: 1px solid var(--sp-edge); border-radius: 4px;
  min-height: 24px; padding: 2px 8px;
}
[data-samepoint="panel"] :is(button, select, summary, label) { cursor: pointer; }
[data-samepoint="panel"] :where(button) { background: transparent; display: inline-flex; align-items: center; justify-content: center; gap: 6px; }
[data-samepoint="panel"] :where(button):hover:not(:disabled) { border-color: var(--sp-accent); background: var(--sp-raised); }
[data-samepoint="panel"] :is(button, input, select, summary, [tabindex="0"]):focus-visible {
  outline: 2px solid var(--sp-accent); outline-offset: 1px;
}
[data-samepoint="panel"] button:disabled { color: hsl(220 12% 58%); border-color: hsl(225 20% 34%); cursor: default; }
[data-samepoint="panel"] button[data-primary="true"] {
  background: var(--sp-accent); border-color: var(--sp-accent); color: ${DARK}; font-weight: 600;
}
[data-samepoint="panel"] button[data-primary="true"]:hover:not(:disabled) { background: hsl(214 98% 68%); }
[data-samepoint="panel"] button[data-primary="true"]:disabled { background: hsl(225 24% 20%); border-color: hsl(225 20% 34%); color: hsl(220 16% 66%); }
[data-samepoint="panel"] button[data-bare] { border-color: transparent; padding: 0; width: 24px; color: var(--sp-muted); }
[data-samepoint="panel"] button[data-bare]:hover:not(:disabled) { color: var(--sp-text); }
[data-samepoint="panel"] button[data-bare]:disabled { color: hsl(220 12% 48%); border-color: transparent; }
[data-samepoint="panel"] button[data-subtle] { border-color: transparent; color: var(--sp-muted); }
[data-samepoint="panel"] kbd {
  font: inherit; font-size: 10px; line-height: 14px; min-width: 14px; padding: 0 3px; text-align: center;
  border: 1px solid currentColor; border-radius: 3px;
}
[data-samepoint="spoken"] {
  position: absolute; width: 1px; height: 1px; margin: -1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap;
}
[data-samepoint="progress"] {
  appearance: none; display: block; width: 100%; height: 4px; border: 0; border-radius: 2px; overflow: hidden; background: var(--sp-line);
}
[data-samepoint="progress"]::-webkit-progress-bar { background: var(--sp-line); }
[data-samepoint="progress"]::-webkit-progress-value { background: var(--sp-accent); transition: width 0.2s; }
[data-samepoint="progress"]::-moz-progress-bar { background: var(--sp-accent); }
[data-samepoint="progress"]:indeterminate { background: linear-gradient(90deg, var(--sp-line) 30%, var(--sp-accent) 50%, var(--sp-line) 70%) 0 0 / 200% 100%; animation: samepoint-working 1.6s linear infinite; }
[data-samepoint="progress"]:indeterminate::-webkit-progress-bar { background: transparent; }
@keyframes samepoint-working { from { background-position: 100% 0; } to { background-position: -100% 0; } }
@media (prefers-reduced-motion: reduce) {
  [data-samepoint="panel"] *, [data-samepoint="panel"] *::-webkit-progress-value { animation: none !important; transition: none !important; }
}
`;

const TIME_POINTS = `
[data-samepoint="time-points"] { display: flex; flex-direction: column; gap: 6px; }
[data-samepoint="subtraction"] { display: flex; gap: 6px; }
[data-samepoint="panel"] [data-samepoint="subtraction"] button { flex: 1; }
[data-samepoint="panel"] [data-samepoint="subtraction"] button[aria-pressed="true"] { background: var(--sp-raised); border-color: var(--sp-accent); }
[data-samepoint="strip"] { display: flex; gap: 4px; overflow-x: auto; padding: 2px; margin: -2px; scrollbar-width: thin; }
[data-samepoint="time-point"] { position: relative; flex: 1 0 80px; min-width: 0; }
[data-samepoint="panel"] [data-samepoint="time-point-show"] {
  width: 100%; display: flex; flex-direction: column; align-items: stretch; justify-content: start; gap: 3px; padding: 4px 6px 6px;
  border-color: var(--sp-line); text-align: left;
}
[data-samepoint="panel"] [data-samepoint="time-point"][data-shown="true"] [data-samepoint="time-point-show"] { border-color: var(--sp-accent); background: var(--sp-raised); }
[data-samepoint="time-point"] [data-samepoint="date"] { font-size: 11px; white-space: nowrap; overflow: hidden; text-overflow: clip; }
[data-samepoint="time-point"][data-current="true"] [data-samepoint="date"] { font-weight: 700; }
[data-samepoint="time-point-facts"] { display: flex; align-items: center; gap: 5px; font-size: 11px; color: var(--sp-muted); }
[data-samepoint="count"] { margin-left: auto; margin-right: 14px; color: var(--sp-text); }
[data-samepoint="readiness"] { width: 7px; height: 7px; border-radius: 50%; border: 1.5px solid var(--sp-muted); }
[data-samepoint="readiness"][data-state="ready"] { background: var(--sp-muted); }
[data-samepoint="readiness"][data-state="working"] { border-color: var(--sp-accent); border-right-color: transparent; animation: samepoint-turn 1.2s linear infinite; }
[data-samepoint="readiness"][data-state="failed"] { border-radius: 0; border-color: ${ALERT}; background: ${ALERT}; transform: rotate(45deg); }
@keyframes samepoint-turn { to { transform: rotate(360deg); } }
[data-samepoint="coverage"] { display: block; height: 3px; border-radius: 2px; background: hsl(228 24% 34%); overflow: hidden; }
[data-samepoint="coverage"] > span { display: block; height: 100%; background: hsl(205 60% 68%); }
[data-samepoint="panel"] [data-samepoint="series-menu"] {
  position: absolute; right: 1px; top: 18px; min-height: 20px; width: 18px; padding: 0; border-color: transparent; color: var(--sp-muted);
}
[data-samepoint="panel"] [data-samepoint="series-menu"][aria-expanded="true"] { color: var(--sp-text); border-color: var(--sp-edge); }
[data-samepoint="panel"] [data-samepoint="series-choices"] {
  position: relative; display: flex; flex-direction: column; gap: 2px; max-height: 180px; overflow-y: auto; min-width: 0;
  padding: 6px; border: 1px solid var(--sp-edge); border-radius: 4px; background: var(--sp-raised);
}
[data-samepoint="series-choices"] legend { float: left; width: 100%; padding: 0 24px 2px 2px; font-weight: 600; }
[data-samepoint="panel"] [data-samepoint="series-choices"] [data-samepoint="close"] { position: absolute; right: 3px; top: 3px; }
[data-samepoint="series-option"] { display: flex; gap: 8px; align-items: flex-start; padding: 3px 2px; border-radius: 3px; }
[data-samepoint="series-option"] input { flex-shrink: 0; width: 14px; height: 14px; margin: 1px 0 0; accent-color: var(--sp-accent); }
[data-samepoint="series-option"] > span { display: flex; flex-direction: column; min-width: 0; overflow-wrap: anywhere; }
[data-samepoint="series-facts"] { color: var(--sp-muted); font-size: 11px; }
[data-samepoint="series-option"][data-comparable="false"] { cursor: default; }
[data-samepoint="series-option"][data-comparable="false"] [data-samepoint="series-title"] { color: var(--sp-muted); }
`;

const MESSAGES = `
[data-samepoint="carry-over"] {
  display: grid; grid-template-columns: minmax(0, 1fr) auto; gap: 4px 8px; align-items: center; padding: 6px 8px;
  background: var(--sp-raised); border-radius: 4px;
}
[data-samepoint="carry-over"] > p { grid-column: 1; }
[data-samepoint="carry-over"] > button { grid-column: 2; grid-row: 1; }
[data-samepoint="carry-over"] > [data-samepoint="progress"] { grid-column: 1 / -1; }
[data-samepoint="carry-over-progress"] { color: var(--sp-muted); }
[data-samepoint="messages"] { display: flex; flex-direction: column; gap: 6px; max-height: 28%; overflow-y: auto; }
[data-samepoint="messages"][data-empty="true"] { display: contents; }
[data-samepoint="messages"] ul { display: flex; flex-direction: column; gap: 6px; }
[data-samepoint="messages"] > :is(ul:empty, div:has(> ul:empty)) { position: absolute; }
[data-samepoint="messages"] li {
  position: relative; display: flex; flex-direction: column; gap: 4px; padding: 6px 8px; border-radius: 4px; overflow-wrap: anywhere;
  background: var(--sp-raised); border-left: 3px solid ${WARNING};
}
[data-samepoint="messages"] [data-samepoint="notice"] { border-left-color: ${ALERT}; }
[data-samepoint="messages"] [data-samepoint="search"] {
  border-left-color: var(--sp-accent); display: grid; grid-template-columns: minmax(0, 1fr) auto; align-items: center; gap: 4px 8px;
}
[data-samepoint="search"] [data-samepoint="progress"], [data-samepoint="search"] [data-samepoint="preview"] { grid-column: 1 / -1; }
[data-samepoint="messages"] [data-samepoint="dismiss"] { position: absolute; right: 2px; top: 2px; }
[data-samepoint="messages"] :is([data-samepoint="notice-message"], [data-samepoint="series-warning-text"]) { padding-right: 20px; }
[data-samepoint="notice-remedy"], [data-samepoint="preview"] { color: var(--sp-muted); }
[data-samepoint="panel"] [data-samepoint="mend"] { align-self: flex-start; }
`;

const HEADER = `
[data-samepoint="header"] { display: flex; align-items: center; justify-content: space-between; min-height: 26px; }
[data-samepoint="views"] { display: inline-flex; border: 1px solid var(--sp-edge); border-radius: 5px; padding: 1px; }
[data-samepoint="panel"] [data-samepoint="views"] button { border-color: transparent; min-height: 22px; padding: 0 10px; color: var(--sp-muted); }
[data-samepoint="panel"] [data-samepoint="views"] button[aria-pressed="true"] { background: var(--sp-raised); color: var(--sp-text); border-color: var(--sp-edge); }
[data-samepoint="review-progress"] { display: inline-flex; align-items: center; gap: 2px; }
[data-samepoint="review-bar"] { display: block; height: 2px; margin-top: -4px; border-radius: 1px; background: var(--sp-line); overflow: hidden; }
[data-samepoint="review-bar"] > span { display: block; height: 100%; background: ${STANDING_COLOURS.accepted}; }
[data-samepoint="content"] { flex: 1 1 0; min-height: 64px; overflow-y: auto; overflow-x: hidden; display: flex; flex-direction: column; }
[data-samepoint="panel"] [data-samepoint="content"] { flex-shrink: 1; }
[data-samepoint="content"] > * { flex-shrink: 0; }
[data-samepoint="hint"] { color: var(--sp-muted); padding: 4px 2px; }
[data-samepoint="onboarding"] {
  display: flex; flex-direction: column; gap: 6px; padding: 10px; margin-bottom: 8px; border-radius: 6px; background: var(--sp-raised);
  border: 1px solid var(--sp-accent);
}
[data-samepoint="onboarding-step"] { color: var(--sp-muted); font-size: 11px; }
[data-samepoint="onboarding-actions"] { display: flex; justify-content: flex-end; gap: 6px; }
[data-samepoint="panel"] [data-samepoint="onboarding-next"] { background: var(--sp-accent); border-color: var(--sp-accent); color: ${DARK}; font-weight: 600; }
[data-samepoint="footer"] { display: flex; flex-direction: column; gap: 4px; border-top: 1px solid var(--sp-line); padding-top: 6px; }
[data-samepoint="footer"] > [role="status"] { position: absolute; }
[data-samepoint="footer-actions"] { display: flex; gap: 6px; }
[data-samepoint="panel"] [data-samepoint="footer-actions"] button { min-height: 30px; }
[data-samepoint="panel"] [data-samepoint="footer-actions"] [data-samepoint="undo"] { width: 32px; border-color: var(--sp-edge); }
[data-samepoint="panel"] [data-samepoint="footer-actions"] [data-samepoint="undo"]:disabled { border-color: hsl(225 20% 34%); }
[data-samepoint="footer-actions"] [data-samepoint="save"] { flex: 1; }
[data-samepoint="footer-facts"] { display: flex; align-items: center; justify-content: space-between; color: var(--sp-muted); font-size: 11px; }
[data-samepoint="panel"] [data-samepoint="footer-facts"] button { min-height: 20px; }
`;

/** A row is 28 px high: thirty of them on a monitor of 1080 lines. */
const ROW_COLUMNS = 'grid-template-columns: 15px 14px minmax(0, 1fr) 26px 25px 31px; column-gap: 4px;';

const LESIONS = `
${STANDINGS}
[data-samepoint="columns"] {
  position: sticky; top: 0; z-index: 1; display: grid; ${ROW_COLUMNS} padding: 0 6px 2px 9px; font-size: 10.5px; color: var(--sp-muted);
  background: var(--sp-panel); border-bottom: 1px solid var(--sp-line); 
}
[data-samepoint="columns"] > * { white-space: nowrap; justify-self: end; }
[data-samepoint="columns"] > :first-child { justify-self: start; grid-column: 1 / 4; text-align: left; }
[data-samepoint="lesion"] { position: relative; border-radius: 3px; }
[data-samepoint="lesion"]::before {
  content: ""; position: absolute; left: 0; top: 2px; bottom: 2px; width: 3px; border-radius: 2px; background: var(--sp-standing); opacity: 0.55;
}
[data-samepoint="lesion"][data-undecided="true"]::before { opacity: 1; }
[data-samepoint="lesion"][data-uncertain="true"]::before {
  background: repeating-linear-gradient(180deg, var(--sp-standing) 0 4px, transparent 4px 7px);
}
[data-samepoint="panel"] [data-samepoint="lesion-row"] {
  display: block; position: relative; width: 100%; height: 28px; min-height: 28px; padding: 0 6px 0 9px; border: 0; border-radius: 3px; text-align: left;
}
[data-samepoint="panel"] [data-samepoint="lesion-row"]:focus-visible { outline-offset: -2px; }
[data-samepoint="row-cells"] { display: grid; ${ROW_COLUMNS} align-items: center; height: 28px; }
[data-samepoint="number"] { color: var(--sp-muted); text-align: right; }
[data-samepoint="standing-icon"] { display: inline-flex; color: var(--sp-standing); }
[data-samepoint="name"] { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
[data-samepoint="lesion"][data-undecided="true"] [data-samepoint="name"] { font-weight: 500; }
[data-samepoint="lesion"]:is([data-standing="accepted"], [data-standing="corrected"], [data-standing="resolved"], [data-standing="not-covered"], [data-standing="not-evaluable"]) [data-samepoint="name"] { color: hsl(215 30% 86%); }
[data-samepoint="lesion"]:is([data-standing="rejected"], [data-standing="waiting"]) [data-samepoint="row-cells"] { color: var(--sp-muted); }
[data-samepoint="lesion"][data-standing="rejected"] [data-samepoint="name"] { text-decoration: line-through; }
[data-samepoint="radius"], [data-samepoint="size"], [data-samepoint="change"] { text-align: right; white-space: nowrap; }
[data-samepoint="radius"], [data-samepoint="change"] { color: var(--sp-muted); }
[data-samepoint="lesion"][data-uncertain="true"] [data-samepoint="radius"] { color: var(--sp-standing); font-weight: 600; }
[data-samepoint="change"]:is([data-direction="grown"], [data-direction="shrunk"]) { color: var(--sp-text); }
[data-samepoint="lesion"][data-highlighted="true"] > [data-samepoint="lesion-row"] { background: var(--sp-raised); box-shadow: inset 0 0 0 1px var(--sp-edge); }
[data-samepoint="lesion"][data-selected="true"] { background: var(--sp-raised); margin: 2px 0; }
[data-samepoint="lesion-details"] { display: flex; flex-direction: column; gap: 7px; padding: 2px 8px 8px 10px; }
[data-samepoint="fields"] { display: grid; grid-template-columns: minmax(0, 1fr) 100px 24px; gap: 4px; }
[data-samepoint="panel"] [data-samepoint="role"] { padding: 2px; }
[data-samepoint="facts"] { display: flex; flex-direction: column; gap: 2px; }
[data-samepoint="state"] { color: var(--sp-standing); font-weight: 600; }
[data-samepoint="lesion"]:is([data-standing="waiting"], [data-standing="rejected"]) [data-samepoint="state"] { color: var(--sp-muted); }
[data-samepoint="where"] { color: var(--sp-muted); }
[data-samepoint="decisions"] { display: flex; flex-wrap: wrap; gap: 4px; }
[data-samepoint="panel"] [data-samepoint="decisions"] button { padding: 2px 6px; gap: 5px; }
[data-samepoint="panel"] [data-samepoint="decisions"] [data-samepoint="confirm"][data-primary="true"]:not(:hover) { background: ${WARNING}; border-color: ${WARNING}; }
[data-samepoint="placing"] {
  display: flex; align-items: center; justify-content: space-between; gap: 8px; padding: 6px; border: 1px dashed var(--sp-accent); border-radius: 4px;
}
[data-samepoint="place"] {
  display: grid; grid-template-columns: 86px 16px minmax(0, 1fr) auto; gap: 6px; align-items: center; min-height: 26px;
  border-top: 1px solid var(--sp-line);
}
[data-samepoint="place"][data-current="true"] [data-samepoint="date"] { font-weight: 600; }
[data-samepoint="place"] [data-samepoint="date"] { white-space: nowrap; }
[data-samepoint="place"] > span { display: inline-flex; align-items: center; }
[data-samepoint="place"] [data-samepoint="place-size"] { justify-content: flex-end; }
[data-samepoint="place"] > [data-samepoint="place-series"] { grid-column: 1 / -1; margin: -4px 0 2px; font-size: 11px; color: var(--sp-muted); overflow-wrap: anywhere; }
[data-samepoint="place-size"] { text-align: right; white-space: nowrap; }
[data-samepoint="panel"] [data-samepoint="place"] button { min-height: 22px; padding: 0 6px; border-color: transparent; color: hsl(206 92% 74%); }
[data-samepoint="why"] summary { color: var(--sp-muted); width: max-content; border-radius: 3px; }
[data-samepoint="why"] dl { padding-top: 4px; }
[data-samepoint="why"] dl > div { display: grid; grid-template-columns: 96px minmax(0, 1fr); gap: 6px; }
[data-samepoint="why"] dt { color: var(--sp-muted); }
[data-samepoint="why"] dd { overflow-wrap: anywhere; }
`;

/** Style sheet of the panel. Selectors name parts of the panel, so that nothing of the host is touched. */
export const PANEL_STYLES = `${BASE}${TIME_POINTS}${MESSAGES}${HEADER}${LESIONS}${TABLE_STYLES}`;
