/** What the reader can do in the panel. No action throws. */
export interface PanelActions {
  accept(pairId: string): void;
  reject(pairId: string): void;
  startMove(pairId: string): void;
  stopMove(): void;
  goTo(pairId: string): void;
  remove(pairId: string): void;
  rename(pairId: string, label: string): void;
  save(): void;
  cancelSearch(searchId: string): void;
  dismissNotice(noticeId: string): void;
  /** Does what the button of a notice says, and removes the notice. */
  mendNotice(noticeId: string): void;
  dismissSeriesWarnings(seriesInstanceUid: string): void;
  compare(): void;
}
