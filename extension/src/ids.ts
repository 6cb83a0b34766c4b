/**
 * Names by which the host knows the parts of the extension. The extension's id must equal its package name: OHIF 3.14
 * looks plugins up by it.
 * @module
 */
export const EXTENSION_ID = '@samepoint/ohif-extension';

/** Cornerstone tool that receives the click and draws the markers. */
export const TOOL_NAME = 'SamepointFindMatch';
/** Toolbar button; OHIF puts the id into `data-cy` of the button. */
export const BUTTON_ID = 'SamepointFindMatch';
/** Buttons of linked scrolling, in the corner of each viewport, and of the live cursor, in the main toolbar. */
export const LINK_BUTTON_ID = 'SamepointLink';
export const CURSOR_BUTTON_ID = 'SamepointLiveCursor';
/** Type, and id of the one group, of the synchronizer of linked scrolling. */
export const LINK_GROUP_ID = 'samepointlink';
export const PANEL_NAME = 'samepoint';
export const PANEL_ID = `${EXTENSION_ID}.panelModule.${PANEL_NAME}`;
/** CSS selector of the tab that opens the panel, on the host's page. */
export const PANEL_TAB = `[data-cy$="${PANEL_NAME}-btn"]`;
/** Hanging protocol "current | prior"; use as `hangingProtocolId` in the viewer's URL. */
export const COMPARE_PROTOCOL_ID = `${EXTENSION_ID}.compare`;
/** Key of app-config.js that holds the extension's settings. */
export const CONFIG_KEY = 'samepoint';
