/** Headers of images as a PACS describes them in the list of priors. */
import { isDicomJson } from '../../../server/src/dicom/index.ts';
import { PREFERRED, ranked, referenceOf } from '../../../server/src/priors/ranking.ts';
import { listedStudy } from '../../../server/src/priors/studies.ts';
import { headerOf } from '../../../server/src/priors/testing/priorsPacs.ts';
import { areParallel, traitsOf } from '../../../server/src/priors/traits.ts';
import { comparableSeries } from '../../../server/src/http/schemas/priorsSchemas.ts';
import { mutateJson } from '../mutate.ts';
import type { Target } from './target.ts';

const series = { uid: '1.2.3', images: 3, kernel: 'B30f', agent: 'Iomeron' };
const study = { uid: '1.2', date: '20260102', time: '101112', patientId: 'P1', series: [series] };
const headers = [0, 1, 2].map((index) => headerOf(study, series, index));

export const priors: Target = {
  name: 'priors',
  make: (random) => mutateJson(headers, random),
  run(input) {
    let json: unknown;
    try {
      json = JSON.parse(Buffer.from(input).toString('utf8'));
    } catch {
      return;
    }
    const [first, middle, last] = (Array.isArray(json) ? json : [json]).filter(isDicomJson);
    if (middle === undefined) return;
    listedStudy(middle);
    if (first !== undefined) areParallel(first, middle);
    const traits = traitsOf(
      middle,
      [first, last].filter((one) => one !== undefined),
    );
    const candidate = { seriesInstanceUid: '1.2.3', description: '', modality: 'CT', images: 3, traits };
    const wanted = [PREFERRED, referenceOf(candidate)];
    for (const one of wanted.flatMap((reference) => ranked([candidate], reference, ['CT'])))
      comparableSeries.parse(one);
  },
};
