import type { ApiKeyAuth } from '@causeway/apis/envoy-gateway/security-policy';
import { headerNameMistake } from '@causeway/apis/gateway/header-rules';
import { objectKeyText } from '@causeway/apis/meta/object';
import type { ApiKeyIR, ApiKeyPlaceIR } from '@causeway/ir/gateway';
import { type SecurityContext, secretOf } from './policy-secret.ts';

/** Clients that show a key. Of several Secrets with a client of one name the first has its key. Source: GW-34. */
export function apiKeyOf(auth: ApiKeyAuth, context: SecurityContext): ApiKeyIR {
  const { credentialRefs, extractFrom, forwardClientIDHeader, sanitize = false } = auth;
  const { tell } = context;
  const secrets = credentialRefs.flatMap(
    (ref, index) => secretOf(ref, `apiKeyAuth.credentialRefs[${index}]`, context) ?? [],
  );
  const owners = new Map<string, string>();
  const clients = new Set<string>();
  for (const { key, secret } of secrets) {
    for (const [client, value] of Object.entries(secret.data ?? {})) {
      if (clients.has(client)) continue;
      clients.add(client);
      const owner = owners.get(value) ?? objectKeyText(key);
      if (owner !== objectKeyText(key)) {
        tell('apiKeyAuth.credentialRefs', `Secrets ${owner} and ${objectKeyText(key)} have the same key`);
      }
      owners.set(value, owner);
    }
  }
  const places = extractFrom.flatMap(({ headers = [], params = [], cookies = [] }): readonly ApiKeyPlaceIR[] => [
    ...headers.map((name) => ({ in: 'header', name: name.toLowerCase() }) as const),
    ...params.map((name) => ({ in: 'query', name }) as const),
    ...cookies.map((name) => ({ in: 'cookie', name }) as const),
  ]);
  if (places.length === 0) tell('apiKeyAuth.extractFrom', 'Required value: where the key stands');
  const mistake = forwardClientIDHeader === undefined ? undefined : headerNameMistake(forwardClientIDHeader);
  if (mistake !== undefined) tell('apiKeyAuth.forwardClientIDHeader', mistake);
  return {
    type: 'apiKey',
    secrets: secrets.map(({ key }) => objectKeyText(key)),
    places,
    ...(forwardClientIDHeader === undefined ? {} : { clientHeader: forwardClientIDHeader }),
    hidesKey: sanitize,
  };
}
