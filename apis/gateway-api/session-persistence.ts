import { checked, object, oneOf, optional, type Schema, string, type TypeOf } from '../meta/schema.ts';
import { duration } from './names.ts';

const fields = object('Requests of a session go to the same endpoint.', {
  sessionName: optional(string('Name of the cookie or header; absent: chosen.', { maxLength: 128 })),
  absoluteTimeout: optional(duration('How long a session lasts at most.')),
  type: optional(oneOf('What carries the session.', ['Cookie', 'Header'], { default: 'Cookie' })),
  cookieConfig: optional(
    object('Of the cookie.', {
      lifetimeType: optional(
        oneOf('Session: until the browser closes. Permanent: until absoluteTimeout.', ['Permanent', 'Session'], {
          default: 'Session',
        }),
      ),
    }),
  ),
});
export type SessionPersistence = TypeOf<typeof fields>;

export const sessionPersistence: Schema<SessionPersistence> = checked(
  fields,
  {
    message: 'AbsoluteTimeout must be specified when cookie lifetimeType is Permanent',
    rule: "has(self.absoluteTimeout) || !has(self.cookieConfig) || !has(self.cookieConfig.lifetimeType) || self.cookieConfig.lifetimeType != 'Permanent'",
  },
  {
    message: 'cookieConfig can only be set with type Cookie',
    rule: "self.type == 'Cookie' || !has(self.cookieConfig)",
  },
);
