import { integer, object, optional, string, type TypeOf } from '../meta/schema.ts';

/** One statement about an object, as every Kubernetes controller makes them (meta/v1 Condition). */
export const condition = object('One statement about the object.', {
  type: string('What it is about, e.g. ResolvedRefs.'),
  status: string('True, False or Unknown.'),
  reason: string('CamelCase, for machines.'),
  message: string('For people.'),
  lastTransitionTime: string('When the status last became another one, RFC 3339.'),
  observedGeneration: optional(integer('metadata.generation it was made for.', { format: 'int64' })),
});
export type Condition = TypeOf<typeof condition>;
