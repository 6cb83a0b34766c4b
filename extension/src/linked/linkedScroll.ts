import { LINK_GROUP_ID } from '../ids.ts';
import type { Host } from '../viewer/host.ts';
import { bringIntoView, showSlice, toPoint3 } from '../viewer/jump.ts';
import { pixelsPerMm } from '../viewer/visible.ts';
import type { Viewport } from '../ohif.d.ts';
import type { Lps } from '../wire.ts';
import { centreOf, drives, isLevelOf, ontoImage } from './level.ts';
import type { Leader } from './leader.ts';
import { paneOf, panesOf } from './panes.ts';
import type { Pane } from './panes.ts';
import { standingOf } from './standing.ts';
import type { Standing, StandingContext } from './standing.ts';
import type { MappedPoint } from './mapPoint.ts';

/** How a pane follows: as its map stands, or it is at the end of what its scan covers. */
export type Following =
  | Exclude<Standing, { readonly kind: 'linked' }>
  | { readonly kind: 'linked'; readonly errorRadiusMm: number | undefined }
  | { readonly kind: 'outside' };

/** What linked scrolling works with. */
export interface LinkedScrollParts extends StandingContext {
  readonly host: Host;
  readonly leader: Leader;
  /** The place of the live cursor in a viewport, LPS mm: its level is followed rather than that of the middle. */
  readonly pointer: (viewportId: string) => Lps | undefined;
  /** Called when a pane follows otherwise than before. */
  readonly changed: () => void;
}

/** Brings panes to the level of the one that the reader scrolls. Nothing is requested meanwhile: the fields are there. */
export class LinkedScroll {
  readonly #parts: LinkedScrollParts;
  readonly #following = new Map<string, Following>();
  /** Series Instance UIDs by the viewports that are linked. */
  readonly #linked = new Map<string, string>();
  #isOn = false;
  /** True where pan and zoom follow as well. */
  followsView = false;

  constructor(parts: LinkedScrollParts) {
    this.#parts = parts;
  }

  get isOn(): boolean {
    return this.#isOn;
  }

  /** How a pane follows the leading one; undefined for one that does not. */
  following(viewportId: string): Following | undefined {
    return this.#following.get(viewportId);
  }

  /** True where another pane follows the leading one, at the levels that both show. */
  isFollowed(viewportId: string): boolean {
    return [...this.#following].some(
      ([id, { kind }]) => id !== viewportId && (kind === 'linked' || kind === 'outside'),
    );
  }

  /** Makes the synchronizer known to the host. Gives false for a host without synchronizers. */
  register(): boolean {
    const { services, libraries } = this.#parts.host;
    const { syncGroupService } = services;
    const { cornerstone, cornerstoneTools } = libraries;
    const { STACK_NEW_IMAGE, VOLUME_NEW_IMAGE, CAMERA_MODIFIED } = cornerstone.Enums?.Events ?? {};
    const manager = cornerstoneTools.SynchronizerManager;
    const add = syncGroupService?.addSynchronizerType?.bind(syncGroupService);
    if (add === undefined || manager === undefined || STACK_NEW_IMAGE === undefined) return false;
    // OHIF 3.11 listens on no viewport without a source: volumes would lead no other pane there.
    const others = [VOLUME_NEW_IMAGE, CAMERA_MODIFIED].flatMap((name) =>
      name === undefined ? [] : [{ name, source: 'element' as const }],
    );
    add(LINK_GROUP_ID, (id) =>
      manager.createSynchronizer(
        id,
        STACK_NEW_IMAGE,
        (_, source, target, { type, detail }) => {
          if (this.#parts.leader.id !== source.viewportId) return;
          if (type === CAMERA_MODIFIED && !this.#followsCamera(source.viewportId)) return;
          this.#follow(source.viewportId, target.viewportId, detail?.imageId);
        },
        { auxiliaryEvents: others },
      ),
    );
    return true;
  }

  /** Links the viewports that are there; called again, those that are new or show another series. */
  turnOn(): void {
    this.#isOn = true;
    const { services } = this.#parts.host;
    const panes = panesOf(this.#parts.host);
    // A pane that comes back, after one was enlarged, is at the level at which it went.
    for (const id of [...this.#linked.keys()]) if (!panes.some((pane) => pane.id === id)) this.#forget(id);
    for (const { id, viewport, series } of panes) {
      const { renderingEngineId } = viewport;
      if (renderingEngineId === undefined) continue;
      if (this.#linked.get(id) !== series.seriesInstanceUid) this.#following.delete(id);
      this.#linked.set(id, series.seriesInstanceUid);
      services.syncGroupService?.addViewportToSyncGroup?.(id, renderingEngineId, {
        type: LINK_GROUP_ID,
        id: LINK_GROUP_ID,
        source: true,
        target: true,
      });
    }
    this.align();
  }

  turnOff(): void {
    this.#isOn = false;
    this.#following.clear();
    this.#linked.clear();
    const { services } = this.#parts.host;
    for (const { id, viewport } of panesOf(this.#parts.host)) {
      try {
        const { renderingEngineId = '' } = viewport;
        services.syncGroupService?.removeViewportFromSyncGroup?.(id, renderingEngineId, LINK_GROUP_ID);
      } catch {
        // A viewport that is gone is in no group.
      }
    }
  }

  #forget(viewportId: string): void {
    this.#linked.delete(viewportId);
    this.#following.delete(viewportId);
  }

  /** Brings the panes that do not follow yet to the level of the leading one, without waiting for it to be scrolled. */
  align(): void {
    const { host, leader } = this.#parts;
    const { last } = leader;
    if (!this.#isOn || last === undefined) return;
    for (const { id } of panesOf(host))
      if (id !== last && this.#following.get(id)?.kind !== 'linked') this.#follow(last, id, undefined);
  }

  /** A stack says by an event of its own that it shows another image; its camera moves with each one, and with pan and zoom. */
  #followsCamera(viewportId: string): boolean {
    return this.followsView || this.#parts.host.viewport(viewportId)?.type !== 'stack';
  }

  #follow(sourceId: string, targetId: string, imageId: string | undefined): void {
    const { host, changed } = this.#parts;
    if (!this.#isOn) return;
    const [source, target] = [paneOf(host, sourceId), paneOf(host, targetId)];
    if (source === undefined || target === undefined) return;
    const before = textOf(this.#following.get(targetId));
    this.#following.set(sourceId, { kind: 'linked', errorRadiusMm: undefined });
    if (drives(source, target, panesOf(host)))
      this.#following.set(targetId, this.#tryToBring(source, target, imageId));
    else this.#following.delete(targetId);
    if (textOf(this.#following.get(targetId)) !== before) changed();
  }

  /** As {@link #bring}, for panes that may be torn down meanwhile. */
  #tryToBring(source: Pane, target: Pane, imageId: string | undefined): Following {
    try {
      const middle = this.#parts.pointer(source.id) ?? centreOf(source.viewport);
      return this.#bring(source, target, ontoImage(source, imageId, middle));
    } catch {
      return { kind: 'working', fraction: undefined };
    }
  }

  /** Moves a pane to the level of a point of another, if that is known. */
  #bring(source: Pane, target: Pane, lps: Lps): Following {
    const standing = standingOf(this.#parts, source, target);
    if (standing.kind !== 'linked') return standing;
    const mapped = standing.transfer.map(lps);
    if (!mapped.isInside || !isLevelOf(target, mapped.lps)) return { kind: 'outside' };
    this.show(target, mapped);
    if (this.followsView) followView(source.viewport, target.viewport, mapped.lps);
    return { kind: 'linked', errorRadiusMm: mapped.errorRadiusMm };
  }

  /** Shows the slice of a point. */
  show({ viewport, series, frameOfReferenceUid = '' }: Pane, { lps }: MappedPoint): void {
    const { seriesInstanceUid } = series;
    showSlice(this.#parts.host, viewport, { seriesInstanceUid, frameOfReferenceUid, lps });
  }
}

/** The same scale, and the point in the middle. */
function followView(source: Viewport, target: Viewport, lps: Lps): void {
  const scale = pixelsPerMm(source) / pixelsPerMm(target);
  const zoom = target.getZoom?.();
  if (zoom !== undefined && Number.isFinite(scale)) target.setZoom?.(zoom * scale);
  bringIntoView(target, toPoint3(lps), Infinity);
  target.render();
}

/** Where it is equal, the reader sees no difference. */
function textOf(following: Following | undefined): string {
  if (following?.kind !== 'linked') return JSON.stringify(following?.kind);
  return `linked ${Math.round(following.errorRadiusMm ?? -1)}`;
}
