import { boolean, integer, object, oneOf, optional, string, type TypeOf } from '../meta/schema.ts';

const SECONDS = { minimum: 0, maximum: 3_153_600_000, format: 'int64' } as const;

/** Beyond ALB: LIM-07. */
export const sessionCookie = object(
  'Makes the cookie of policy `cookie` one that names its endpoint: it is replaced when that is gone, and so are cookies that others made.',
  {
    mode: optional(
      oneOf('balanced: some sessions move when endpoints come; persistent: none does. Default balanced.', [
        'balanced',
        'persistent',
      ]),
    ),
    path: optional(string('Default /.')),
    domain: optional(string('Default: the host that set it.')),
    max_age_seconds: optional(integer('Default: until the browser ends.', SECONDS)),
    expires_seconds: optional(integer('The same as a date, for old browsers.', SECONDS)),
    same_site: optional(oneOf('Default: not said.', ['None', 'Lax', 'Strict'])),
    conditional_same_site_none: optional(boolean('Leave None out for browsers that take it for Strict.')),
    secure: optional(boolean('Default: on ports with TLS.')),
    change_on_failure: optional(boolean('A session whose endpoint fails moves to the one that answers.')),
  },
);
export type SessionCookieConfig = TypeOf<typeof sessionCookie>;

/** Says what is wrong with the Path of a cookie; undefined for nothing. Source: RFC 6265 section 4.1.1. */
export function cookiePathMistake(path: string): string | undefined {
  return /^\/[\x20-\x3a\x3c-\x7e]*$/.test(path) ? undefined : 'must begin with / and have no semicolon';
}

/** The same for its Domain; a leading dot is allowed, and has no meaning any more. */
export function cookieDomainMistake(domain: string): string | undefined {
  return /^\.?[A-Za-z0-9]([-A-Za-z0-9.]{0,251}[A-Za-z0-9])?$/.test(domain) ? undefined : 'must be the name of a host';
}
