/**
 * Sync groups of the fake host: as cornerstone's synchronizers, they call back for each target when an event of a source fires, and ignore
 * events that fire meanwhile.
 * @module
 */
import type {
  SyncGroupService,
  SyncHandler,
  SynchronizerCreator,
  SynchronizerManager,
} from '../linked/syncGroups.d.ts';

/** Names of events of cornerstone. */
export const SYNC_EVENTS = {
  STACK_NEW_IMAGE: 'CORNERSTONE_STACK_NEW_IMAGE',
  VOLUME_NEW_IMAGE: 'CORNERSTONE_VOLUME_NEW_IMAGE',
  CAMERA_MODIFIED: 'CORNERSTONE_CAMERA_MODIFIED',
  IMAGE_RENDERED: 'CORNERSTONE_IMAGE_RENDERED',
};

class FakeSynchronizer {
  readonly viewportIds: string[] = [];
  readonly #names: readonly string[];
  readonly #handler: SyncHandler;
  #isBusy = false;

  constructor(names: readonly string[], handler: SyncHandler) {
    this.#names = names;
    this.#handler = handler;
  }

  add(viewportId: string, element: HTMLElement | undefined): void {
    if (this.viewportIds.includes(viewportId)) return;
    this.viewportIds.push(viewportId);
    for (const name of this.#names) {
      element?.addEventListener(name, (event) => {
        this.#fire(viewportId, event as CustomEvent<{ readonly imageId?: string }>);
      });
    }
  }

  remove(viewportId: string): void {
    this.viewportIds.splice(0, Infinity, ...this.viewportIds.filter((id) => id !== viewportId));
  }

  #fire(source: string, event: CustomEvent<{ readonly imageId?: string }>): void {
    if (this.#isBusy || !this.viewportIds.includes(source)) return;
    this.#isBusy = true;
    for (const target of this.viewportIds)
      if (target !== source) this.#handler(this, { viewportId: source }, { viewportId: target }, event);
    this.#isBusy = false;
  }
}

/** The service of the fake host. */
export class FakeSyncGroups implements SyncGroupService {
  readonly #creators = new Map<string, SynchronizerCreator>();
  readonly #groups = new Map<string, FakeSynchronizer>();
  readonly #elementOf: (viewportId: string) => HTMLElement | undefined;

  constructor(elementOf: (viewportId: string) => HTMLElement | undefined) {
    this.#elementOf = elementOf;
  }

  readonly manager: SynchronizerManager = {
    // As OHIF 3.11: an event without `source` is one of the page's event target, on which no viewport fires.
    createSynchronizer: (_, eventName, handler, { auxiliaryEvents }) => {
      const ofElement = auxiliaryEvents.filter(({ source }) => source === 'element');
      return new FakeSynchronizer([eventName, ...ofElement.map(({ name }) => name)], handler);
    },
  };

  addSynchronizerType(type: string, creator: SynchronizerCreator): void {
    this.#creators.set(type, creator);
  }

  addViewportToSyncGroup(viewportId: string, _: string, group: object): void {
    const { type, id } = group as { readonly type: string; readonly id: string };
    const made = this.#groups.get(id) ?? (this.#creators.get(type)?.(id) as FakeSynchronizer | undefined);
    if (made === undefined) return;
    this.#groups.set(id, made);
    made.add(viewportId, this.#elementOf(viewportId));
  }

  removeViewportFromSyncGroup(viewportId: string, _: string, groupId: string): void {
    this.#groups.get(groupId)?.remove(viewportId);
  }

  /** Viewports of a group. */
  members(groupId: string): readonly string[] {
    return this.#groups.get(groupId)?.viewportIds ?? [];
  }
}
