/* global setTimeout, window */
// Stock OHIF for the demo and the tests: images from the same origin, and Samepoint as in app-config.existing.example.js.
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
  name: 'samepoint-demo',
  routerBasename: '/',
  extensions: [samepoint('/samepoint/extension.js')],
  modes: [],
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
