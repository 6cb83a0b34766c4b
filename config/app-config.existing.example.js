/* global window */
// Samepoint in an existing OHIF 3.11 to 3.14: nothing is rebuilt. Add the marked lines to the app-config.js that your
// viewer already has (usually /usr/share/nginx/html/app-config.js in OHIF's image) and change nothing else.
window.config = {
  // ... what you have: routerBasename, showStudyList, oidc, ...

  // (1) The extension, from the path under which your reverse proxy shows the companion server. The path must be of the
  //     viewer's own origin, and a missing file there must be answered with 404, not with OHIF's index.html.
  extensions: ['/samepoint/extension.js'],

  // (2) Optional; these are the defaults, so the key can be omitted where the proxy uses the path /samepoint.
  samepoint: {
    serverUrl: '/samepoint/api',
    // model: 'mind-ssc',  // a model of GET /samepoint/api/models; the server's default where omitted
  },

  // (3) Optional, OHIF's own setting: one click is enough also in the viewport that is not active. Stock OHIF spends the
  //     first click on making a viewport the active one.
  // activateViewportBeforeInteraction: false,

  // (4) Nothing to do for your login: the extension sends the viewer's Authorization header to the companion server, and
  //     the server passes it on to the PACS, which decides on access.

  modes: [],
  showStudyList: true,
  dataSources: [
    // ... what you have
  ],
};

// Current and prior side by side, as a link from the worklist:
//   /viewer?StudyInstanceUIDs=<current>,<prior>&hangingProtocolId=@samepoint/ohif-extension.compare
