import fc from 'fast-check';
import { cross, lpsPoint, norm, plus, times } from '../geometry/index.ts';
import type { LpsPoint, Vector } from '../geometry/index.ts';
import { imagePlaneOrReason, inPatient } from './plane.ts';
import type { ImagePlane } from './plane.ts';
import { sliceMetadata } from './testing/documents.ts';
import { inImages } from './inImage.ts';
import { lesion, LONG, lpsOf, placeAt, unseen } from '../report/timePoint/testing/lesions.ts';
import type { ConfirmedObservation, PatientDiameter } from '../report/timePoint/types.ts';

function planeOf({ sopInstanceUid }: { readonly sopInstanceUid: string }): ImagePlane | string {
  return imagePlaneOrReason(sliceMetadata(Number(sopInstanceUid.split('.').pop())));
}

function diameter(from: LpsPoint, to: LpsPoint): PatientDiameter {
  return { mm: 10, ends: [from, to] };
}

it('puts the ends of diameters into the image of the place', () => {
  const [placed] = inImages([lesion()], planeOf);
  expect(placed).toMatchObject({ trackingUid: '2.25.7', status: 'present', role: 'target' });
  const ends = [...(placed?.longAxis?.ends ?? []), ...(placed?.shortAxis?.ends ?? [])].flat();
  const expected = [100, 50, 120, 50, 110, 47.5, 110, 52.5];
  for (const [index, value] of expected.entries()) expect(ends[index]).toBeCloseTo(value, 9);
});

const component = fc.double({ min: -1, max: 1, noNaN: true });
const direction = fc.tuple(component, component, component).filter((vector) => norm(vector) > 0.1);
/** Two directions at a right angle. */
const orientation = fc
  .tuple(direction, direction)
  .filter(([along, other]) => norm(cross(along, other)) > 0.1)
  .map(([along, other]): readonly [Vector, Vector] => {
    const normal = cross(along, other);
    const down = cross(normal, along);
    return [times(along, 1 / norm(along)), times(down, 1 / norm(down))];
  });
const spacing = fc.double({ min: 0.2, max: 5, noNaN: true });
const origin = fc.tuple(component, component, component).map((vector) => times(vector, 500));
const pixel = fc.tuple(
  fc.double({ min: 0, max: 511, noNaN: true }),
  fc.double({ min: 0, max: 255, noNaN: true }),
);

it('finds the pixels again of which the ends were made, in any plane and with any spacing', () => {
  fc.assert(
    fc.property(orientation, spacing, spacing, origin, pixel, pixel, (directions, dx, dy, first, a, b) => {
      const plane: ImagePlane = {
        origin: first,
        columnStep: times(directions[0], dx),
        rowStep: times(directions[1], dy),
        columns: 512,
        rows: 256,
        frameOfReferenceUid: '1.2.3',
      };
      const [from, to] = [inPatient(plane, [...a, 0]), inPatient(plane, [...b, 0])];
      const place = placeAt(a[0], a[1], 3);
      const observation: ConfirmedObservation = {
        ...unseen({ status: 'present' }),
        place: { ...place, frameOfReferenceUid: '1.2.3', lps: from },
        longAxis: diameter(from, to),
      };
      const [placed] = inImages([observation], () => plane);
      const ends = placed?.longAxis?.ends.flat() ?? [];
      for (const [index, value] of [...a, ...b].entries()) expect(ends[index]).toBeCloseTo(value, 6);
      const normal = cross(directions[0], directions[1]);
      const away = { ...observation, longAxis: diameter(from, lpsPoint(...plus(to, normal, 1.01))) };
      expect(() => inImages([away], () => plane)).toThrow('plane of its image');
    }),
  );
});

it.each<readonly [string, Partial<ConfirmedObservation>, string]>([
  [
    'an end above the slice',
    { longAxis: diameter(lpsOf(100, 50, 3), lpsOf(120, 50, 4)) },
    'plane of its image',
  ],
  ['an end outside of the image', { longAxis: diameter(lpsOf(-30, 50, 3), lpsOf(9, 50, 3)) }, 'ends outside'],
  ['a place outside of its image', { place: placeAt(110, 300, 3) }, 'outside its image'],
  [
    'a place and a pixel that differ',
    { place: { ...placeAt(110, 50, 3), lps: lpsOf(114, 50, 3) } },
    'elsewhere than its pixel',
  ],
  [
    'another frame of reference',
    { place: { ...placeAt(110, 50, 3), frameOfReferenceUid: '1.2.3' } },
    'frame of reference',
  ],
])('refuses %s and names the observation', (_, changes, problem) => {
  const place = (): unknown => {
    try {
      return inImages([unseen(), lesion(changes)], planeOf);
    } catch (error) {
      return error;
    }
  };
  expect(place()).toMatchObject({
    code: 'report/bad-observation',
    fields: { observation: 2, problem: expect.stringContaining(problem) as string },
  });
});

it('allows diameters through a place beside the slice', () => {
  const place = placeAt(110, 50, 3, 0.9);
  const longAxis = diameter(lpsOf(100, 50, 3, 0.9), lpsOf(120, 50, 3, 0.9));
  expect(inImages([lesion({ place, longAxis })], planeOf)).toHaveLength(1);
});

it('refuses a diameter without a place, and an image without a plane', () => {
  expect(() => inImages([unseen({ longAxis: LONG })], planeOf)).toThrow('no place');
  expect(() => inImages([lesion()], () => 'the PACS does not give out its image')).toThrow(
    'does not give out',
  );
});
