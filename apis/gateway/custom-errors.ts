import { array, boolean, integer, object, optional } from '../meta/schema.ts';

/** Beyond ALB: spec ALB 5.7, custom-http-errors; LIM-14. */
export const customErrors = object(
  'Errors whose answers defaultBackend gives, or without it the default service group of the Frontend. An empty list: none.',
  {
    statuses: array('Statuses of these errors.', integer('A status.', { minimum: 400, maximum: 599 }), {
      maxItems: 200,
    }),
    intercept: optional(
      boolean('Also those that backends answer, not only those that are answered instead of them; default true.'),
    ),
  },
);
