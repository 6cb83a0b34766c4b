/** Runs in the page before anything else: the viewports by the series that they show. */
export function installProbe(): void {
  /** Until its React part is mounted, OHIF's grid service throws. */
  const mounted = ({ viewportGridService }: OhifServices): boolean => {
    try {
      viewportGridService.getState();
      return true;
    } catch {
      return false;
    }
  };
  const viewports = () => {
    const { services } = window;
    if (services === undefined || !mounted(services)) return [];
    const {
      viewportGridService: grid,
      cornerstoneViewportService: stage,
      displaySetService: sets,
    } = services;
    return [...grid.getState().viewports].flatMap(([id, { displaySetInstanceUIDs = [] }]) => {
      const [uid] = displaySetInstanceUIDs;
      const viewport = stage.getCornerstoneViewport(id);
      const series = uid === undefined ? undefined : sets.getDisplaySetByUID(uid)?.SeriesInstanceUID;
      return viewport === null || series === undefined ? [] : [{ id, series, viewport }];
    });
  };
  window.samepointTest = {
    viewports,
    showing(series) {
      const found = viewports().find((candidate) => candidate.series === series);
      if (found === undefined) throw new Error(`no viewport shows ${series}`);
      return found.viewport;
    },
  };
}
