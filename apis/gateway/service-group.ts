import { array, integer, object, optional, string, type TypeOf } from '../meta/schema.ts';
import { sessionCookie } from './session-cookie.ts';

/** Spec ALB 2.2, spec.serviceGroup of Frontend and Rule. */
export const serviceGroup = object('Weighted backend Services and how one endpoint is chosen.', {
  services: optional(
    array(
      'Backend Services.',
      object('A Service port with its share of the requests.', {
        namespace: string('Namespace of the Service.', { minLength: 1 }),
        name: string('Name of the Service.', { minLength: 1 }),
        port: integer('Port number of the Service, not its targetPort.', { minimum: 1, maximum: 65_535 }),
        weight: optional(
          integer('Share relative to the other Services of the group, 0 to 100; outside is clipped. Absent: 100.'),
        ),
      }),
    ),
  ),
  session_affinity_policy: optional(
    string('How an endpoint is chosen: "" or rr (weighted round robin), sip-hash, cookie, header, ewma, hash.'),
  ),
  session_affinity_attribute: optional(
    string(
      'Name of the cookie (absent: JSESSIONID) or of the header (required) of the policy; of hash, the text with variables that is hashed: $arg_user.',
    ),
  ),
  session_cookie: optional(sessionCookie),
  hash_subset_size: optional(
    integer('With policy hash: the hash chooses so many endpoints, of which one is taken at random.', {
      minimum: 1,
      maximum: 10_000,
    }),
  ),
  slow_start_seconds: optional(
    integer('An endpoint that comes later reaches its full share after so many seconds; with rr and ewma.', {
      minimum: 0,
      maximum: 3600,
    }),
  ),
});
export type ServiceGroup = TypeOf<typeof serviceGroup>;

/** Spec ALB 2.2, spec.source. */
export const source = object('The object this one was made from.', {
  type: string('ingress, or a historic type.'),
  namespace: string('Its namespace.'),
  name: string('Its name.'),
});
