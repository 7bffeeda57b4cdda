/** Who may send requests, under spec.config of ALB2, Frontend and Rule; beyond ALB (spec ALB-95, LIM-02, LIM-08). */
import { array, object, oneOf, optional, string, type TypeOf } from '../meta/schema.ts';

export const sourceRange = object(
  'Addresses that may send requests. An empty object switches off what a higher level set.',
  {
    allow: optional(array('Only these may; absent or empty: all.', string('Address or network (CIDR).'))),
    deny: optional(array('These may not, also when allow has them.', string('Address or network (CIDR).'))),
  },
);
export type SourceRangeConfig = TypeOf<typeof sourceRange>;

export const satisfy = oneOf(
  'all: sourceRange and auth must let a request pass; any: one of them suffices. Default all.',
  ['all', 'any'],
);
