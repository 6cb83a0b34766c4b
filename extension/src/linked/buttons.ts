import type { Words } from '../i18n/words.ts';
import { CURSOR_BUTTON_ID, LINK_BUTTON_ID, SIMILARITY_BUTTON_ID } from '../ids.ts';
import type { ToolbarService } from '../ohif.d.ts';
import { commandName } from '../viewer/hotkeys.ts';
import type { ViewCommand } from '../viewer/viewCommands.ts';

/** What the buttons show. */
export interface ButtonStates {
  readonly isLinked: () => boolean;
  readonly hasCursor: () => boolean;
  readonly hasSimilarity: () => boolean;
  /** Keys in the words of the reader. */
  readonly keys: Readonly<Partial<Record<ViewCommand, string>>>;
}

interface Button {
  readonly id: string;
  readonly icon: string;
  readonly label: string;
  readonly tooltip: string;
  readonly command: ViewCommand;
  readonly isActive: () => boolean;
}

/** A new one each time: the host writes the state of the button into the object it is given. */
function makeButton({ id, icon, label, tooltip, command, isActive }: Button): object {
  return {
    id,
    uiType: 'ohif.toolButton',
    props: {
      type: 'toggle',
      icon,
      label,
      tooltip,
      commands: [{ commandName: commandName(command), context: 'SAMEPOINT' }],
      evaluate: () => ({ disabled: false, isActive: isActive() }),
    },
  };
}

/** Puts the buttons into the host: linking into the corner of each viewport, or into the main toolbar where there is no such corner. */
export function addLinkButtons(
  toolbarService: ToolbarService,
  states: ButtonStates,
  { linked, fusion }: Pick<Words, 'linked' | 'fusion'>,
): void {
  const { sections } = toolbarService;
  const primary = sections?.primary ?? 'primary';
  const corner = sections?.viewportActionMenu?.topRight ?? primary;
  const { toggleLink = '', toggleLiveCursor = '', toggleSimilarity = '' } = states.keys;
  toolbarService.register([
    makeButton({
      id: LINK_BUTTON_ID,
      icon: 'icon-link',
      label: linked.link,
      tooltip: linked.linkHelp(toggleLink),
      command: 'toggleLink',
      isActive: states.isLinked,
    }),
    makeButton({
      id: CURSOR_BUTTON_ID,
      icon: 'tool-crosshair',
      label: linked.cursor,
      tooltip: linked.cursorHelp(toggleLiveCursor),
      command: 'toggleLiveCursor',
      isActive: states.hasCursor,
    }),
    makeButton({
      id: SIMILARITY_BUTTON_ID,
      icon: 'tool-fusion-color',
      label: fusion.similarity,
      tooltip: fusion.similarityHelp(toggleSimilarity),
      command: 'toggleSimilarity',
      isActive: states.hasSimilarity,
    }),
  ]);
  toolbarService.updateSection(corner, [LINK_BUTTON_ID]);
  toolbarService.updateSection(primary, [CURSOR_BUTTON_ID, SIMILARITY_BUTTON_ID]);
}
