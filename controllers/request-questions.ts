import { objectKeyText, parseObjectKey } from '@causeway/apis/meta/object';
import type { Snapshot } from '@causeway/resources/snapshot';
import type { ServiceTlsOf } from '@causeway/targets/nginx/grpc-tls';
import type { AnswerQuestion } from '@causeway/targets/nginx/question-server';
import { ExternalCheck } from './external-check/external-check.ts';
import { HttpCheck } from './external-check/http-check.ts';
import type { Discovery } from './openid/provider-endpoints.ts';
import { SignIn } from './openid/sign-in.ts';
import { TokenEndpoint } from './openid/token-endpoint.ts';
import { clientOfKey } from './passwords/api-keys.ts';
import { DigestCheck } from './passwords/digest-check.ts';
import { readUsers, type SecretLayout, type Users } from './passwords/htpasswd.ts';
import { PasswordCheck, type VerifyHash } from './passwords/password-check.ts';
import { isPasswordHash } from './passwords/verify-hash.ts';
import { RequestCopies } from './request-copies.ts';
import type { ServiceAddresses } from './service-addresses.ts';
import type { FetchService } from './service-fetch.ts';
import { KeySets } from './tokens/key-sets.ts';
import { TokenCheck } from './tokens/token-check.ts';

export interface RequestQuestionsOptions {
  readonly snapshot: Snapshot;
  readonly verify: VerifyHash;
  readonly addressesOf: (host: string, port: number) => Promise<ServiceAddresses>;
  readonly fetch: FetchService;
  readonly discovery: Discovery;
  readonly tlsOf: ServiceTlsOf;
}

/** Secrets whose users are at hand. */
const MAX_SECRETS = 200;

/** Answers what the workers of data planes ask while requests wait, from the Secrets as they are now. */
export function requestQuestions({
  snapshot,
  verify,
  addressesOf,
  fetch,
  discovery,
  tlsOf,
}: RequestQuestionsOptions): AnswerQuestion {
  const passwords = new PasswordCheck({ verify, now: () => performance.now() });
  const digests = new DigestCheck(() => Date.now());
  const keySets = new KeySets(fetch, () => performance.now());
  const tokens = new TokenCheck(keySets, () => Date.now() / 1000);
  const signIn = new SignIn({
    discovery,
    tokens: new TokenEndpoint(fetch),
    secretOf: (id) => clientSecretOf(snapshot, id),
    seconds: () => Date.now() / 1000,
  });
  const checks = new ExternalCheck({ addressesOf, tlsOf });
  const httpChecks = new HttpCheck({ addressesOf, tlsOf });
  const copies = new RequestCopies({ addressesOf, tlsOf });
  const usersOf = userTables(snapshot);
  return async (question) => {
    switch (question.op) {
      case 'basic': {
        const users = usersOf(question.secret, question.layout, 'basic');
        if (users === undefined) return { verdict: 'broken' };
        return { verdict: await verifyBasic(passwords, users, question.credentials) };
      }
      case 'digest': {
        const users = usersOf(question.secret, question.layout, 'digest');
        return users === undefined
          ? { verdict: 'broken' }
          : digests.verify({ ...question, users, credentials: question.credentials });
      }
      case 'apiKey':
        return clientOfKey(snapshot, question.secrets, question.key);
      case 'jwt':
        return tokens.verify(question.token, question.providers);
      case 'check':
        return checks.check(question.service, question.request);
      case 'ask':
        return httpChecks.ask(question.service, question.request);
      case 'copy':
        return copies.send(question.service, question.request);
      case 'signIn':
        return { verdict: 'yes', signIn: await signIn.judge(question) };
      case 'resolve':
        return addressesOf(question.host, question.port);
    }
  };
}

function clientSecretOf(snapshot: Snapshot, id: string): string | undefined {
  const value = snapshot.present.get('Secret', parseObjectKey(id))?.data?.['client-secret'];
  return value === undefined || value === '' ? undefined : Buffer.from(value, 'base64').toString('utf8');
}

async function verifyBasic(
  passwords: PasswordCheck,
  users: Users,
  base64: string,
): Promise<'yes' | 'no' | 'busy' | 'broken'> {
  const bytes = Buffer.from(base64, 'base64');
  const colon = bytes.indexOf(':');
  const user = bytes.subarray(0, Math.max(0, colon)).toString('utf8');
  const password = bytes.subarray(colon + 1);
  const hash = users.get(user);
  if (hash !== undefined && !isPasswordHash(hash)) return 'broken';
  // Who is no user takes as long as one who is.
  const [first] = users.values();
  const verdict = await passwords.verify(hash ?? first ?? '', password);
  return hash === undefined && verdict === 'yes' ? 'no' : verdict;
}

/** Reads a Secret again when it has changed. */
function userTables(
  snapshot: Snapshot,
): (secret: string, layout: SecretLayout, scheme: 'basic' | 'digest') => Users | undefined {
  const tables = new Map<string, { readonly version: string; readonly users: Users | undefined }>();
  return (id, layout, scheme) => {
    const key = parseObjectKey(id);
    const secret = snapshot.present.get('Secret', key);
    if (secret === undefined) return undefined;
    const name = `${scheme} ${layout} ${objectKeyText(key)}`;
    const version = `${secret.metadata.uid} ${secret.metadata.resourceVersion}`;
    const known = tables.get(name);
    if (known?.version === version) return known.users;
    const users = readUsers(secret, layout, scheme);
    if (tables.size >= MAX_SECRETS) tables.clear();
    tables.set(name, { version, users });
    return users;
  };
}
