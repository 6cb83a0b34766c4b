/** What the reader switches on and off for all panes. */
export type LinkCommand = 'toggleLink' | 'toggleLinkedView' | 'toggleLiveCursor';
/** What is drawn over the panes; one replaces the other. */
export type FusionCommand = 'toggleSimilarity' | 'toggleDifference' | 'toggleWarped';
export type ViewCommand = LinkCommand | FusionCommand;

const FUSION_COMMANDS: readonly ViewCommand[] = [
  'toggleSimilarity',
  'toggleDifference',
  'toggleWarped',
] satisfies FusionCommand[];

/** True for what is drawn over the panes. */
export function isFusionCommand(command: ViewCommand): command is FusionCommand {
  return FUSION_COMMANDS.includes(command);
}

/** What is drawn over the panes now. */
export type FusionMode = 'off' | 'similarity' | 'difference' | 'prior';
