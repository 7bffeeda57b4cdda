/** Who makes a request. Source: Kubernetes, "Authenticating". */
export interface Identity {
  readonly username: string;
  readonly uid: string;
  readonly groups: readonly string[];
  /** What else the authenticator knows, by a key like `authentication.kubernetes.io/credential-id`. */
  readonly extra?: Readonly<Record<string, readonly string[]>>;
}

/** Everybody who proved who they are. */
export const AUTHENTICATED = 'system:authenticated';
export const UNAUTHENTICATED = 'system:unauthenticated';
/** May do everything, whatever roles say. */
export const MASTERS = 'system:masters';

export const ADMINISTRATOR: Identity = { username: 'admin', uid: '', groups: [MASTERS, AUTHENTICATED] };

/** Who shows no credentials. */
export const ANONYMOUS: Identity = { username: 'system:anonymous', uid: '', groups: [UNAUTHENTICATED] };

const ACCOUNT_PREFIX = 'system:serviceaccount:';
const ACCOUNTS = 'system:serviceaccounts';

/** Name of a ServiceAccount as a user. */
export function accountUsername(namespace: string, name: string): string {
  return `${ACCOUNT_PREFIX}${namespace}:${name}`;
}

/** @returns undefined when the user is no ServiceAccount */
export function accountOf(username: string): { readonly namespace: string; readonly name: string } | undefined {
  if (!username.startsWith(ACCOUNT_PREFIX)) return undefined;
  const [namespace = '', name = '', ...rest] = username.slice(ACCOUNT_PREFIX.length).split(':');
  return namespace === '' || name === '' || rest.length > 0 ? undefined : { namespace, name };
}

export function accountGroups(namespace: string): readonly string[] {
  return [ACCOUNTS, `${ACCOUNTS}:${namespace}`];
}

/** The userInfo of reviews, admission and audit. */
export function userInfo({ username, uid, groups, extra }: Identity): {
  username: string;
  uid?: string;
  groups: string[];
  extra?: Record<string, string[]>;
} {
  const copied = Object.entries(extra ?? {}).map(([key, values]): [string, string[]] => [key, [...values]]);
  return {
    username,
    ...(uid === '' ? {} : { uid }),
    groups: [...groups],
    ...(copied.length === 0 ? {} : { extra: Object.fromEntries(copied) }),
  };
}
