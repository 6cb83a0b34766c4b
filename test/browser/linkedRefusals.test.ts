/**
 * Pairs that cannot be linked, in stock OHIF on a real PACS: the pane says why in words, it stays where it is, and neither the live cursor
 * nor the subtraction draws anything.
 */
import type { SeriesRef } from '../support/api.ts';
import { screenshot, startBrowser } from '../support/browser.ts';
import type { Browser } from '../support/browser.ts';
import { LinkedPage } from '../support/linkedPage.ts';
import { startOrthanc } from '../support/orthanc.ts';
import type { Orthanc } from '../support/orthanc.ts';
import { viewerVersions } from '../support/paths.ts';
import { describeWith } from '../support/requirements.ts';
import { startSamepoint, withViewer } from '../support/samepointServer.ts';
import type { SamepointServer } from '../support/samepointServer.ts';
import { SmallPatient } from '../support/smallPatient.ts';
import type { Variation } from '../support/smallPatient.ts';
import { cut, turned } from '../support/variations.ts';
import { ViewerPage } from '../support/viewerPage.ts';

/** Slices of a coarse phantom: the liver and what is around it. */
const SLICES = 26;
/** Slices of one end of the body. */
const END = 9;
const ANSWER_TIMEOUT_MS = 120_000;

interface Refusal {
  readonly name: string;
  readonly current?: Variation;
  readonly prior?: Variation;
  /** The study that the PACS loses when both are on the screen. */
  readonly lost?: 'current' | 'prior';
  /** What the panes say, after "Not linked: " and "Not computed: ". */
  readonly link: string;
  readonly subtraction?: string;
}

/** The slices at one end of the scan. */
function endOf(first: (slices: number) => number): Variation {
  return {
    slices: SLICES,
    change: (volume) => cut(volume, first(volume.dims[2]), first(volume.dims[2]) + END - 1).volume,
  };
}

const GONE = 'The PACS does not have these images any more, or does not show them to you.';

const REFUSALS: readonly Refusal[] = [
  { name: 'no region in common', current: endOf(() => 0), prior: endOf((slices) => slices - END), link: 'the scans have no region in common' },
  {
    name: 'a mirror image',
    prior: { change: (volume) => ({ ...volume, data: turned(volume, [true, false, false]).volume.data }) },
    link: 'left and right do not agree in the two scans',
  },
  { name: 'another patient', prior: { patientId: 'other' }, link: 'another patient' },
  { name: 'another modality', prior: { modality: 'MR' }, link: 'these images cannot be compared' },
  { name: 'the prior was deleted meanwhile', lost: 'prior', link: GONE },
  { name: 'the current study was deleted meanwhile', lost: 'current', link: GONE },
]; // prettier-ignore

describeWith(['chromium', 'orthanc'], 'scans that cannot be linked', () => {
  let orthanc: Orthanc;
  let server: SamepointServer;
  let browser: Browser;
  let patient: SmallPatient;

  beforeAll(async () => {
    orthanc = await startOrthanc();
    const [version = ''] = viewerVersions();
    server = await startSamepoint({ dicomweb: { root: orthanc.dicomweb.root }, ...withViewer(version) });
    browser = await startBrowser();
    patient = new SmallPatient(orthanc.dicomweb);
  });

  afterAll(async () => {
    await browser.close();
    await server.stop();
    await orthanc.stop();
  });

  test.each(REFUSALS)('$name', async ({ name, link, subtraction = link, lost, ...made }) => {
    const studies: Readonly<Record<'current' | 'prior', SeriesRef>> = {
      current: await patient.storeCurrent({ slices: SLICES, ...made.current }),
      prior: await patient.storePrior({ slices: SLICES, ...made.prior }),
    };
    const { current, prior } = studies;
    const { page, errors } = await browser.newPage();
    const [viewer, linked] = [new ViewerPage(page, server.url), new LinkedPage(page)];
    await viewer.open([current.studyInstanceUid, prior.studyInstanceUid], { compare: true });
    if (lost !== undefined) await orthanc.deleteStudy(studies[lost].studyInstanceUid);
    const before = await viewer.shownCentre(prior.seriesInstanceUid);

    await linked.moveTo(current.seriesInstanceUid, [0.5, 0.5]);
    await page.keyboard.press('t');
    const said = new RegExp(`^Not linked: ${link}$`, 'u');
    await linked.overlay(said, ANSWER_TIMEOUT_MS);
    expect(await linked.isWithin(prior.seriesInstanceUid, said)).toBe(true);
    expect(await page.getByText(/^Linked/u).count()).toBe(0);
    await linked.scroll(current.seriesInstanceUid, 3);
    expect(await viewer.shownCentre(prior.seriesInstanceUid)).toEqual(before);

    await page.keyboard.press('p');
    await linked.moveTo(current.seriesInstanceUid, [0.45, 0.5]);
    expect(await linked.cursor(prior.seriesInstanceUid)).toBeUndefined();

    await page.keyboard.press('Shift+D');
    await linked.overlay(new RegExp(`^Not computed: ${subtraction}$`, 'u'), ANSWER_TIMEOUT_MS);
    await screenshot(page, `not-linked-${name.replaceAll(' ', '-')}`);
    expect(await linked.picture(current.seriesInstanceUid)).toBeUndefined();
    expect(errors).toEqual([]);
    await page.close();
  });
});
