import { notices } from './i18n/words.ts';
import { compareProtocol, defaultProtocol } from './hangingProtocol.ts';
import { COMPARE_PROTOCOL_ID, EXTENSION_ID, PANEL_NAME } from './ids.ts';
import { ModeLifecycle } from './modeLifecycle.ts';
import type { ExtensionParameters, Notification } from './ohif.d.ts';
import { hostElement } from './panel/hostElement.ts';
import { Session } from './session.ts';

/** An extension as OHIF registers it. */
export interface Extension {
  readonly id: string;
  preRegistration(parameters: ExtensionParameters): void;
  onModeEnter(): void;
  onModeExit(): void;
  getPanelModule(): readonly object[];
  getHangingProtocolModule(): readonly object[];
}

function notStarted(error: unknown): Notification {
  const reason = error instanceof Error ? error.message : String(error);
  return {
    title: 'Samepoint',
    message: notices().remarks.notStarted(reason),
    type: 'warning',
  };
}

/** Makes the extension; nothing happens before the host registers it. */
export function createExtension(): Extension {
  let session: Session | undefined;
  let mode: ModeLifecycle | undefined;
  return {
    id: EXTENSION_ID,

    // Extensions of app-config.js are registered after OHIF's own: the host's cornerstone is there by now.
    preRegistration(parameters) {
      try {
        session = new Session(parameters);
        mode = new ModeLifecycle(session);
      } catch (error) {
        // The host goes on without Samepoint, and must find the hanging protocol that links name.
        parameters.servicesManager.services.uiNotificationService?.show(notStarted(error));
      }
    },

    onModeEnter() {
      mode?.enter();
    },

    onModeExit() {
      mode?.remindOfUnsaved();
      mode?.exit();
    },

    getPanelModule() {
      return [
        {
          name: PANEL_NAME,
          iconName: 'tool-stack-image-sync',
          iconLabel: 'Samepoint',
          label: 'Samepoint',
          component: hostElement((container) => session?.mountPanel(container) ?? (() => undefined)),
        },
      ];
    },

    getHangingProtocolModule() {
      return [
        { name: COMPARE_PROTOCOL_ID, protocol: session === undefined ? defaultProtocol : compareProtocol },
      ];
    },
  };
}
