/* global setTimeout, window */
// Samepoint in an existing OHIF 3.11 to 3.14: nothing is rebuilt. Add the marked parts to the app-config.js that your
// viewer already has (usually /usr/share/nginx/html/app-config.js in OHIF's image) and change nothing else.

// (1) Above your window.config: loads the extension from the path under which your reverse proxy shows the companion server. OHIF
//     starts whatever happens to Samepoint: when the file is missing, broken, blocked or not there after 5 s, OHIF is as it
//     was, and links that name Samepoint's hanging protocol open with OHIF's own.
function samepoint(url) {
  const id = '@samepoint/ohif-extension';
  const protocol = ({ servicesManager: { services } }) => ({
    protocol: services.hangingProtocolService.getProtocolById('default'),
  });
  const absent = { id, getHangingProtocolModule: () => [{ name: `${id}.compare`, protocol }] };
  const loaded = import(url).then((file) => (file.default?.id === id ? file.default : absent));
  const late = new Promise((resolve) => setTimeout(resolve, 5000, absent));
  return Promise.race([loaded, late]).catch(() => absent);
}

window.config = {
  // ... what you have: routerBasename, showStudyList, oidc, ...

  // (2) The extension. A path of the viewer's own origin; a missing file there should be answered with 404, not with OHIF's
  //     index.html.
  extensions: [samepoint('/samepoint/extension.js')],

  // (3) Optional; these are the defaults, so the key can be omitted where the proxy uses the path /samepoint.
  samepoint: {
    serverUrl: '/samepoint/api',
    // model: 'mind-ssc',  // a model of GET /samepoint/api/models; the server's default where omitted
  },

  // (4) Optional, OHIF's own setting: one click is enough also in the viewport that is not active. Stock OHIF spends the
  //     first click on making a viewport the active one.
  // activateViewportBeforeInteraction: false,

  // (5) Nothing to do for your login: the extension sends the viewer's Authorization header to the companion server, and
  //     the server passes it on to the PACS, which decides on access.

  modes: [],
  showStudyList: true,
  dataSources: [
    // ... what you have
  ],
};

// Current and prior side by side, as a link from the worklist:
//   /viewer?StudyInstanceUIDs=<current>,<prior>&hangingProtocolId=@samepoint/ohif-extension.compare
