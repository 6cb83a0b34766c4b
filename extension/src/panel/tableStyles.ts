import { WARNING } from './palette.ts';

/** Style sheet of the table of lesions and of its chart. */
export const TABLE_STYLES = `
[data-samepoint="table-view"] { display: flex; flex-direction: column; gap: 8px; }
[data-samepoint="table-warnings"] { display: flex; flex-direction: column; gap: 4px; }
[data-samepoint="table-warnings"] li { display: grid; grid-template-columns: 14px minmax(0, 1fr); gap: 6px; }
[data-samepoint="table-warnings"] svg { color: ${WARNING}; margin-top: 1px; }
[data-samepoint="table-scroll"] { overflow-x: auto; border-radius: 3px; scrollbar-width: thin; }
[data-samepoint="table-view"] table { border-collapse: separate; border-spacing: 0; width: 100%; font-size: 11.5px; }
[data-samepoint="table-view"] :is(th, td) {
  padding: 0 3px; height: 24px; text-align: right; white-space: nowrap; font-weight: 400; border-bottom: 1px solid var(--sp-line);
}
[data-samepoint="table-view"] thead th { color: var(--sp-muted); font-size: 10px; letter-spacing: -0.02em; padding-inline: 2px 3px; }
[data-samepoint="table-view"] :is(th[scope="row"], thead th:first-child) {
  position: sticky; left: 0; z-index: 1; max-width: 88px; padding-left: 4px; text-align: left; overflow: hidden; text-overflow: ellipsis;
  background: var(--sp-panel);
}
[data-samepoint="panel"] [data-samepoint="table-lesion"] {
  display: block; width: 100%; min-height: 22px; padding: 0; border: 0; text-align: left; overflow: hidden; text-overflow: ellipsis; white-space: nowrap;
}
[data-samepoint="table-view"] tr[data-selected="true"] :is(th, td) { background: var(--sp-raised); }
[data-samepoint="table-view"] tr[data-role="target"] [data-samepoint="table-lesion"] { font-weight: 600; }
[data-samepoint="table-view"] tr[data-role="not-followed"] :is(td, button) { color: var(--sp-muted); }
[data-samepoint="table-view"] td[data-decided="false"] { color: var(--sp-muted); font-style: italic; }
[data-samepoint="table-view"] tfoot th { color: var(--sp-muted); white-space: normal; line-height: 1.15; padding-block: 3px; }
[data-samepoint="table-view"] tfoot tr:first-child :is(th, td) { border-top: 1px solid var(--sp-edge); }
[data-samepoint="table-sum"] td, [data-samepoint="table-response"] td { font-weight: 700; }
[data-samepoint="aid"] { color: var(--sp-muted); font-size: 11px; }
[data-samepoint="table-actions"] { display: flex; align-items: center; justify-content: flex-end; gap: 6px; }
[data-samepoint="copy-outcome"] { color: var(--sp-muted); }
[data-samepoint="chart"] { width: 100%; height: auto; }
[data-samepoint="chart-axes"] text { fill: var(--sp-muted); font-size: 8.5px; }
[data-samepoint="chart-axes"] path { stroke: var(--sp-line); stroke-width: 1; }
`;
