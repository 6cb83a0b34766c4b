import { notices } from '../i18n/words.ts';
import type { CommandsManager, ExtensionParameters, HotkeysManager } from '../ohif.d.ts';
import { REVIEW_COMMANDS } from '../panel/model.ts';
import type { ReviewCommand } from '../panel/model.ts';

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

function commandName(command: ReviewCommand): string {
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

function register(commands: CommandsManager, command: ReviewCommand, run: () => void): void {
  if (commands.getContext?.(CONTEXT) === undefined) commands.createContext?.(CONTEXT);
  commands.registerCommand?.(CONTEXT, commandName(command), {
    commandFn: ({ evt } = {}) => {
      if (!isTyping(evt)) run();
    },
  });
}

/** The commands of the review and their keys in the host. */
export class ReviewKeys {
  readonly #parameters: ExtensionParameters;
  readonly #hotkeys: HotkeysManager | undefined;

  /** Makes the commands known to the host. @param run does what a key says; a host without commands has no keys */
  constructor(parameters: ExtensionParameters, run: (command: ReviewCommand) => void) {
    this.#parameters = parameters;
    const { commandsManager } = parameters;
    const hasCommands = typeof commandsManager.registerCommand === 'function';
    this.#hotkeys = hasCommands ? hotkeysManagerOf(parameters) : undefined;
    if (!hasCommands) return;
    for (const command of REVIEW_COMMANDS) {
      register(this.#parameters.commandsManager, command, () => {
        run(command);
      });
    }
  }

  /** The keys in the words of the reader; empty where the host has none. */
  get names(): Readonly<Partial<Record<ReviewCommand, string>>> {
    if (this.#hotkeys === undefined) return {};
    return Object.fromEntries(REVIEW_COMMANDS.map((command) => [command, keyText(KEYS[command])]));
  }

  /** Binds the keys when a mode is entered: the host forgets all keys when one exits. */
  bind(): void {
    for (const command of REVIEW_COMMANDS) {
      this.#hotkeys?.registerHotkeys?.({
        commandName: commandName(command),
        keys: [KEYS[command]],
        label: `Samepoint: ${notices().tool.hotkeys[command]}`,
        isEditable: false,
      });
    }
  }
}
