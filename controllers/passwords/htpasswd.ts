import type { Secret } from '@causeway/resources/kinds';

export type SecretLayout = 'auth-file' | 'auth-map' | 'htpasswd';

/** Hashes by user; of a user who is there twice the first. */
export type Users = ReadonlyMap<string, string>;

/** A Secret with more is of no use. */
const MAX_USERS = 100_000;

/**
 * Reads the users of a Secret. auth-file: lines `user:hash` under the key `auth`, with comments; htpasswd: the same under `.htpasswd`; auth-map: a key for each user.
 * For digest authentication a user is `user:realm`.
 *
 * Source: spec ALB-93, ALB-95.
 *
 * @returns undefined when the Secret has no such data
 */
export function readUsers(secret: Secret, layout: SecretLayout, scheme: 'basic' | 'digest'): Users | undefined {
  const lines = linesOf(secret, layout);
  if (lines === undefined) return undefined;
  const users = new Map<string, string>();
  for (const line of lines) {
    const colon = scheme === 'basic' ? line.indexOf(':') : line.lastIndexOf(':');
    // Nobody has that password.
    if (colon < 1 || colon === line.length - 1) continue;
    const user = line.slice(0, colon);
    if (!users.has(user)) users.set(user, line.slice(colon + 1));
    if (users.size > MAX_USERS) return undefined;
  }
  return users;
}

function linesOf({ data = {} }: Secret, layout: SecretLayout): readonly string[] | undefined {
  if (layout === 'auth-map') return Object.entries(data).map(([user, value]) => `${user}:${textOf(value).trim()}`);
  const file = data[layout === 'htpasswd' ? '.htpasswd' : 'auth'];
  return file === undefined
    ? undefined
    : textOf(file)
        .split('\n')
        .map((line) => line.trim())
        .filter((line) => !line.startsWith('#'));
}

function textOf(base64: string): string {
  return Buffer.from(base64, 'base64').toString('utf8');
}
