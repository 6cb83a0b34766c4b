/* global setTimeout, window */
// Stock OHIF of the containers: images, logins and Samepoint from its own origin. As app-config.demo.js, with the login of Keycloak.
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
  name: 'samepoint',
  routerBasename: '/',
  extensions: [samepoint('/samepoint/extension.js')],
  modes: [],
  oidc: [
    {
      authority: `${window.location.origin}/auth/realms/samepoint`,
      client_id: 'ohif',
      redirect_uri: '/callback',
      response_type: 'code',
      scope: 'openid',
      post_logout_redirect_uri: '/',
      automaticSilentRenew: true,
      revokeAccessTokenOnSignout: true,
    },
  ],
  samepoint: {
    serverUrl: '/samepoint/api',
  },
  customizationService: [
    {
      // The onboarding tour would cover the images at the first start.
      'ohif.tours': { $set: [] },
    },
  ],
  // One click is enough, also in the viewport that is not active; stock OHIF spends the first click on activating it.
  activateViewportBeforeInteraction: false,
  showStudyList: true,
  maxNumberOfWebWorkers: 2,
  showWarningMessageForCrossOrigin: false,
  showCPUFallbackMessage: false,
  showLoadingIndicator: true,
  strictZSpacingForVolumeViewport: true,
  groupEnabledModesFirst: true,
  investigationalUseDialog: { option: 'never' },
  maxNumRequests: { interaction: 25, thumbnail: 5, prefetch: 10 },
  defaultDataSourceName: 'dicomweb',
  dataSources: [
    {
      namespace: '@ohif/extension-default.dataSourcesModule.dicomweb',
      sourceName: 'dicomweb',
      configuration: {
        friendlyName: 'DICOMweb archive',
        name: 'dicomweb',
        qidoRoot: '/dicom-web',
        wadoRoot: '/dicom-web',
        wadoUriRoot: '/dicom-web',
        qidoSupportsIncludeField: false,
        imageRendering: 'wadors',
        thumbnailRendering: 'wadors',
        enableStudyLazyLoad: true,
        supportsFuzzyMatching: false,
        supportsWildcard: true,
        supportsStow: true,
        dicomUploadEnabled: false,
        omitQuotationForMultipartRequest: true,
      },
    },
  ],
};
