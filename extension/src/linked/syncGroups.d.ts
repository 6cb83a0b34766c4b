/**
 * Groups of viewports that do something together, as the host and its cornerstone have them.
 * @module
 */

/** What cornerstone passes to the callback of a synchronizer. */
export interface SyncedViewport {
  readonly viewportId: string;
}

/** Makes a synchronizer of the host's cornerstone. */
export type SynchronizerCreator = (id: string, options?: object) => object;

export interface SyncGroupService {
  addSynchronizerType?(type: string, creator: SynchronizerCreator): void;
  addViewportToSyncGroup?(viewportId: string, renderingEngineId: string, group: object): void;
  removeViewportFromSyncGroup?(viewportId: string, renderingEngineId: string, groupId: string): void;
}

export type SyncHandler = (
  synchronizer: object,
  source: SyncedViewport,
  target: SyncedViewport,
  event: { readonly type: string; readonly detail?: { readonly imageId?: string } },
) => void;

/** An event beside the main one. Without `source` OHIF 3.11 listens on the page's event target, later versions on the element. */
export interface AuxiliaryEvent {
  readonly name: string;
  readonly source?: 'element';
}

export interface SynchronizerManager {
  createSynchronizer(
    id: string,
    eventName: string,
    handler: SyncHandler,
    options: { readonly auxiliaryEvents: readonly AuxiliaryEvent[] },
  ): object;
}
