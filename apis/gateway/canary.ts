import { integer, object, oneOf, optional, string, type TypeOf } from '../meta/schema.ts';
import { serviceGroup } from './service-group.ts';

/** A share of the requests of a Rule goes to other Services. Beyond ALB: LIM-05. */
export const canary = object(
  'Sends some of the requests to other Services. The header decides first, then the cookie, then the weight.',
  {
    serviceGroup,
    header: optional(string('Name of a header: the value `always` asks for them, `never` for those of the Rule.')),
    headerValue: optional(string('Instead of `always` and `never`: the value that asks for them.')),
    headerPattern: optional(string('Instead of headerValue: a regular expression; it matches anywhere in the value.')),
    cookie: optional(string('Name of a cookie with the value `always` or `never`.')),
    weight: optional(integer('Share of all other requests; default 0.', { minimum: 0, maximum: 1_000_000 })),
    weightTotal: optional(integer('What weight is a share of; default 100.', { minimum: 1, maximum: 1_000_000 })),
    affinity: optional(
      oneOf('Whether the session cookie of the Rule ties clients to the side that served them first; default sticky.', [
        'sticky',
        'legacy',
      ]),
    ),
  },
);
export type CanaryConfig = TypeOf<typeof canary>;
