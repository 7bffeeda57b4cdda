import type { IncomingHttpHeaders } from 'node:http';
import { badRequest } from '../status-error.ts';
import type { ResourceAttributes } from './attributes.ts';
import type { Authorizer } from './authorizer.ts';
import { ANONYMOUS, AUTHENTICATED, accountGroups, accountOf, type Identity, UNAUTHENTICATED } from './identity.ts';

const EXTRA = 'impersonate-extra-';

/**
 * Who the request is made as: `kubectl --as`. Every part has to be allowed: verb `impersonate` on users, groups, serviceaccounts, uids
 * and userextras.
 *
 * Source: Kubernetes, "Authenticating", "User impersonation".
 *
 * @returns the identity itself when nobody is impersonated
 * @throws StatusError 400, 403
 */
export function impersonated(identity: Identity, headers: IncomingHttpHeaders, authorizer: Authorizer): Identity {
  const username = textOf(headers['impersonate-user']);
  const groups = textsOf(headers['impersonate-group']);
  const uid = textOf(headers['impersonate-uid']);
  const extra = Object.entries(headers).flatMap(([name, value]) =>
    name.startsWith(EXTRA) ? [[extraKey(name.slice(EXTRA.length)), textsOf(value)] as const] : [],
  );
  if (username === '') {
    if (groups.length === 0 && uid === '' && extra.length === 0) return identity;
    throw badRequest('requested something other than a user to impersonate, without impersonating a user');
  }
  const check = (what: Pick<ResourceAttributes, 'resource' | 'name'> & Partial<ResourceAttributes>): void =>
    authorizer.check(identity, {
      type: 'resource',
      verb: 'impersonate',
      group: '',
      version: '',
      subresource: '',
      namespace: '',
      ...what,
    });
  const account = accountOf(username);
  if (account === undefined) check({ resource: 'users', name: username });
  else check({ resource: 'serviceaccounts', name: account.name, namespace: account.namespace });
  for (const group of groups) check({ resource: 'groups', name: group });
  const authentication = { group: 'authentication.k8s.io', version: 'v1' };
  if (uid !== '') check({ ...authentication, resource: 'uids', name: uid });
  for (const [key, values] of extra) {
    for (const name of values) check({ ...authentication, resource: 'userextras', subresource: key, name });
  }
  const implied = groups.length === 0 && account !== undefined ? accountGroups(account.namespace) : [];
  const everybody = username === ANONYMOUS.username ? UNAUTHENTICATED : AUTHENTICATED;
  const all = [...new Set([...groups, ...implied, everybody])];
  return { username, uid, groups: all, ...(extra.length === 0 ? {} : { extra: Object.fromEntries(extra) }) };
}

function textOf(value: string | string[] | undefined): string {
  return textsOf(value)[0] ?? '';
}

/** Node joins a header that comes several times with commas. */
function textsOf(value: string | string[] | undefined): readonly string[] {
  const texts = Array.isArray(value) ? value : (value ?? '').split(',');
  return texts.map((text) => text.trim()).filter((text) => text !== '');
}

/** What is not properly encoded stands for itself. Source: apiserver pkg/authentication/request/headerrequest, unescapeExtraKey. */
function extraKey(encoded: string): string {
  try {
    return decodeURIComponent(encoded);
  } catch {
    return encoded;
  }
}
