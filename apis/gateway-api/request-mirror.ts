import { checked, integer, object, optional, type Schema, type TypeOf } from '../meta/schema.ts';
import { backendReference } from './object-reference.ts';

const fields = object('Copies of requests go to a backend whose answers nobody sees.', {
  backendRef: backendReference,
  percent: optional(
    integer('How many of 100 requests; absent, without fraction: all.', { format: 'int32', minimum: 0, maximum: 100 }),
  ),
  fraction: optional(
    checked(
      object('How many requests of how many.', {
        numerator: integer('How many.', { format: 'int32', minimum: 0 }),
        denominator: optional(integer('Of how many.', { format: 'int32', minimum: 1, default: 100 })),
      }),
      {
        message: 'numerator must be less than or equal to denominator',
        rule: 'self.numerator <= self.denominator',
      },
    ),
  ),
});
export type RequestMirror = TypeOf<typeof fields>;

export const requestMirror: Schema<RequestMirror> = checked(fields, {
  message: 'Only one of percent or fraction may be specified in HTTPRequestMirrorFilter',
  rule: '!has(self.percent) || !has(self.fraction)',
});
