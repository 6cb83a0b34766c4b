import { notices } from './i18n/words.ts';
import { BUTTON_ID, TOOL_NAME } from './ids.ts';
import type { ToolbarService, ToolGroup, ToolGroupService } from './ohif.d.ts';

/** A new one each time: the host writes the state of the button into the object it is given. */
const makeButton = (): object => ({
  id: BUTTON_ID,
  uiType: 'ohif.toolButton',
  props: {
    type: 'tool',
    // An icon that OHIF 3.11 to 3.14 have; a new one cannot be registered from outside before 3.14.
    icon: 'tool-stack-image-sync',
    label: notices().tool.label,
    tooltip: notices().tool.tooltip,
    commands: { commandName: 'setToolActiveToolbar', commandOptions: { toolName: TOOL_NAME } },
    evaluate: 'evaluate.cornerstoneTool',
  },
});

/** Puts the button into the main toolbar; the host keeps one button per id. */
export function addButton(toolbarService: ToolbarService): void {
  toolbarService.register([makeButton()]);
  toolbarService.updateSection(toolbarService.sections?.primary ?? 'primary', [BUTTON_ID]);
}

function addToolTo(toolGroup: ToolGroup | undefined): void {
  if (toolGroup === undefined || toolGroup.hasTool(TOOL_NAME)) return;
  toolGroup.addTool(TOOL_NAME);
  // Passive: markers are drawn and can be dragged, the left mouse button stays with the tool in use.
  toolGroup.setToolPassive(TOOL_NAME);
}

/** Adds the tool to the tool groups that are there and to those that the mode still makes; the result ends that. */
export function addToolToGroups(toolGroupService: ToolGroupService): () => void {
  const created = toolGroupService.EVENTS.TOOLGROUP_CREATED;
  toolGroupService.getToolGroupIds().forEach((id) => {
    addToolTo(toolGroupService.getToolGroup(id));
  });
  if (created === undefined) return () => undefined;
  const { unsubscribe } = toolGroupService.subscribe(created, (payload) => {
    const { toolGroupId } = payload as { readonly toolGroupId: string };
    addToolTo(toolGroupService.getToolGroup(toolGroupId));
  });
  return unsubscribe;
}
