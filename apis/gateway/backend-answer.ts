/** What is changed in the answers of backends that do not know how they are reached. Beyond ALB: spec section 5.7, LIM-14. */
import { object, optional, string, type TypeOf } from '../meta/schema.ts';

export const proxyCookie = object('Changes to Set-Cookie of backends.', {
  domain: optional(
    object('Attribute Domain.', {
      from: string('Domain that is replaced, in any case of letters, with or without a dot before it.'),
      to: string('What stands in its place.'),
    }),
  ),
  path: optional(
    object('Attribute Path.', {
      from: string('What the path begins with.'),
      to: string('What stands in its place.'),
    }),
  ),
});
export type ProxyCookieConfig = TypeOf<typeof proxyCookie>;

export const proxyRedirect = object('Changes to Location of backends.', {
  from: string('What the location begins with.'),
  to: string('What stands in its place; may hold variables like $host.'),
});
