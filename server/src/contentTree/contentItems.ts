/**
 * Content items of the SR document tree (PS3.3 C.17.3), one function per value type.
 * @module
 */
import { codeItem } from './codes.ts';
import type { Code } from './codes.ts';
import { dataset, decimalString } from '../documents/index.ts';
import type { Dataset } from '../documents/index.ts';

/** How an item relates to its parent (PS3.3 C.17.3.2.4). */
export type Relationship =
  'CONTAINS' | 'HAS OBS CONTEXT' | 'HAS CONCEPT MOD' | 'HAS ACQ CONTEXT' | 'INFERRED FROM' | 'SELECTED FROM';

function item(
  relationship: Relationship,
  valueType: string,
  name: Code | undefined,
  children: readonly Dataset[] = [],
): Dataset {
  return {
    ...dataset({ RelationshipType: [relationship], ValueType: [valueType] }),
    ...(name === undefined ? {} : dataset({ ConceptNameCodeSequence: [codeItem(name)] })),
    ...(children.length === 0 ? {} : dataset({ ContentSequence: children })),
  };
}

/** CONTAINER; `template` is the number of the DCMR template that it is an instance of, where there is one. */
export function containerItem(name: Code, children: readonly Dataset[], template?: string): Dataset {
  return {
    ...item('CONTAINS', 'CONTAINER', name, children),
    ...dataset({ ContinuityOfContent: ['SEPARATE'] }),
    ...(template === undefined ? {} : contentTemplate(template)),
  };
}

/** Content Template Sequence (PS3.3 C.18.8). */
export function contentTemplate(template: string): Dataset {
  return dataset({
    ContentTemplateSequence: [dataset({ MappingResource: ['DCMR'], TemplateIdentifier: [template] })],
  });
}

/** TEXT. */
export function textItem(relationship: Relationship, name: Code, text: string): Dataset {
  return { ...item(relationship, 'TEXT', name), ...dataset({ TextValue: [text] }) };
}

/** CODE. */
export function codedItem(relationship: Relationship, name: Code, value: Code): Dataset {
  return { ...item(relationship, 'CODE', name), ...dataset({ ConceptCodeSequence: [codeItem(value)] }) };
}

/** UIDREF. */
export function uidItem(relationship: Relationship, name: Code, uid: string): Dataset {
  return { ...item(relationship, 'UIDREF', name), ...dataset({ UID: [uid] }) };
}

/** PNAME. */
export function personNameItem(relationship: Relationship, name: Code, person: string): Dataset {
  return { ...item(relationship, 'PNAME', name), ...dataset({ PersonName: [person] }) };
}

/** A reference to an image, or to one frame of it. */
export interface ImageReference {
  readonly sopClassUid: string;
  readonly sopInstanceUid: string;
  readonly frameNumber?: number;
}

/** IMAGE; it has no concept name, as in TID 1601 and TID 320. */
export function imageItem(
  relationship: Relationship,
  { sopClassUid, sopInstanceUid, frameNumber }: ImageReference,
  children: readonly Dataset[] = [],
): Dataset {
  const reference = dataset({
    ReferencedSOPClassUID: [sopClassUid],
    ReferencedSOPInstanceUID: [sopInstanceUid],
    ...(frameNumber === undefined ? {} : { ReferencedFrameNumber: [String(frameNumber)] }),
  });
  return {
    ...item(relationship, 'IMAGE', undefined, children),
    ...dataset({ ReferencedSOPSequence: [reference] }),
  };
}

/** SCOORD POLYLINE: column, row pairs from the corner of the first pixel (PS3.3 C.18.6.1.2), selected from an image. */
export function polylineItem(graphicData: readonly number[], image: ImageReference): Dataset {
  return {
    ...item('INFERRED FROM', 'SCOORD', undefined, [imageItem('SELECTED FROM', image)]),
    ...dataset({ GraphicType: ['POLYLINE'], GraphicData: graphicData }),
  };
}

/** NUM with its unit; `evidence` is what it is inferred from. */
export function numericItem(
  name: Code,
  value: number,
  unit: Code,
  evidence: readonly Dataset[] = [],
): Dataset {
  const measured = dataset({
    MeasurementUnitsCodeSequence: [codeItem(unit)],
    NumericValue: [decimalString(value)],
    FloatingPointValue: [value],
  });
  return { ...item('CONTAINS', 'NUM', name, evidence), ...dataset({ MeasuredValueSequence: [measured] }) };
}
