import { notices } from '../i18n/words.ts';
import type { CommandsManager, ExtensionParameters, HotkeysManager } from '../ohif.d.ts';
import type { ReviewCommand } from '../panel/model.ts';
import type { ViewCommand } from './viewCommands.ts';

/** Context of the commands in the host. */
const CONTEXT = 'SAMEPOINT';

/** The keys of the review: none of them is bound by stock OHIF 3.11 to 3.14 (docs/reading.md). */
const KEYS: Readonly<Record<ReviewCommand, string>> = {
  findAll: 'f',
  next: 'j',
  previous: 'k',
  accept: 'y',
  confirm: 'shift+y',
  resolved: 'g',
  notEvaluable: 'q',
  correct: 'm',
  reject: 'x',
  undo: 'u',
  save: 'shift+p',
};

/** The name of a command of ours in the host. */
export function commandName(command: string): string {
  return `samepoint.${command}`;
}

/** "Shift+Y". */
function keyText(key: string): string {
  return key
    .split('+')
    .map((part) => `${part.slice(0, 1).toUpperCase()}${part.slice(1)}`)
    .join('+');
}

function hotkeysManagerOf({
  hotkeysManager,
  extensionManager,
}: ExtensionParameters): HotkeysManager | undefined {
  const manager = hotkeysManager ?? extensionManager._hotkeysManager;
  return typeof manager?.registerHotkeys === 'function' ? manager : undefined;
}

/** True while the reader types: the keys are letters. */
function isTyping(event: Event | undefined): boolean {
  const [target] = event?.composedPath() ?? [];
  const { tagName, isContentEditable } = (target ?? {}) as Partial<HTMLElement>;
  return isContentEditable === true || ['INPUT', 'TEXTAREA', 'SELECT'].includes(tagName ?? '');
}

function register(commands: CommandsManager, command: string, run: () => void): void {
  if (commands.getContext?.(CONTEXT) === undefined) commands.createContext?.(CONTEXT);
  commands.registerCommand?.(CONTEXT, commandName(command), {
    commandFn: ({ evt } = {}) => {
      if (!isTyping(evt)) run();
    },
  });
}

/** Commands and their keys in the host. */
class HostKeys<Command extends ReviewCommand | ViewCommand> {
  readonly #keys: Readonly<Record<Command, string>>;
  readonly #commands: readonly Command[];
  readonly #hotkeys: HotkeysManager | undefined;

  constructor(
    parameters: ExtensionParameters,
    keys: Readonly<Record<Command, string>>,
    run: (command: Command) => void,
  ) {
    this.#keys = keys;
    this.#commands = Object.keys(keys) as Command[];
    const { commandsManager } = parameters;
    const hasCommands = typeof commandsManager.registerCommand === 'function';
    this.#hotkeys = hasCommands ? hotkeysManagerOf(parameters) : undefined;
    if (!hasCommands) return;
    for (const command of this.#commands) {
      register(commandsManager, command, () => {
        run(command);
      });
    }
  }

  /** The keys in the words of the reader; empty where the host has none. */
  get names(): Readonly<Partial<Record<Command, string>>> {
    const hasKeys = this.#hotkeys !== undefined;
    const names = (hasKeys ? this.#commands : []).map((command) => [command, keyText(this.#keys[command])]);
    return Object.fromEntries(names) as Partial<Record<Command, string>>;
  }

  /** Binds the keys when a mode is entered: the host forgets all keys when one exits. */
  bind(): void {
    for (const command of this.#commands) {
      this.#hotkeys?.registerHotkeys?.({
        commandName: commandName(command),
        keys: [this.#keys[command]],
        label: `Samepoint: ${notices().tool.hotkeys[command]}`,
        isEditable: false,
      });
    }
  }
}

/** The commands of the review and their keys in the host. */
export class ReviewKeys extends HostKeys<ReviewCommand> {
  /** Makes the commands known to the host. @param run does what a key says; a host without commands has no keys */
  constructor(parameters: ExtensionParameters, run: (command: ReviewCommand) => void) {
    super(parameters, KEYS, run);
  }
}

/** The keys of panes that belong together: none of them is bound by stock OHIF 3.11 to 3.14 either. */
const VIEW_KEYS: Readonly<Record<ViewCommand, string>> = {
  toggleLink: 't',
  toggleLinkedView: 'shift+t',
  toggleLiveCursor: 'p',
  toggleSimilarity: 'shift+s',
  toggleDifference: 'shift+d',
  toggleWarped: 'shift+w',
};

/** The commands of these and their keys in the host. */
export class ViewKeys extends HostKeys<ViewCommand> {
  /** Makes the commands known to the host. @param run does what a key or a button says */
  constructor(parameters: ExtensionParameters, run: (command: ViewCommand) => void) {
    super(parameters, VIEW_KEYS, run);
  }
}
