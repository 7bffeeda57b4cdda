import type { Jwt } from '@causeway/apis/envoy-gateway/jwt';
import { headerNameMistake } from '@causeway/apis/gateway/header-rules';
import { keyOf, objectKeyText } from '@causeway/apis/meta/object';
import type { AuthorizationIR, JwtIR, JwtKeysIR, JwtPlaceIR, JwtProviderIR } from '@causeway/ir/gateway';
import { parseDuration } from '../duration.ts';
import { keySetMistake } from './key-set.ts';
import type { SecurityContext } from './policy-secret.ts';
import { addressOf, servicesAt } from './service-at.ts';

type Provider = Jwt['providers'][number];

const DEFAULT_PLACES: readonly JwtPlaceIR[] = [
  { in: 'header', name: 'authorization', prefix: 'bearer ' },
  { in: 'query', name: 'access_token' },
];
const DEFAULT_SECONDS = 300;
/** Of all issuers together: workers send keys with what they ask. */
const MOST_LOCAL_BYTES = 16_384;

/** Clients that show a token. Source: GW-36. @param authorization judges them afterwards */
export function jwtOf(
  { providers, optional = false }: Jwt,
  authorization: AuthorizationIR | undefined,
  context: SecurityContext,
): JwtIR {
  const { tell } = context;
  const translated = providers.map((provider, index) => {
    const field = `jwt.providers[${index}]`;
    return providerOf(provider, field, authorization, context);
  });
  const local = translated.reduce(
    (sum, { keys }) => sum + (keys.type === 'local' ? Buffer.byteLength(keys.text) : 0),
    0,
  );
  if (local > MOST_LOCAL_BYTES) tell('jwt.providers', `local keys of more than ${MOST_LOCAL_BYTES} bytes`);
  const names = new Set(translated.map(({ name }) => name));
  authorization?.rules.forEach(({ token }, index) => {
    if (token !== undefined && !names.has(token.provider)) {
      tell(`authorization.rules[${index}].principal.jwt.provider`, `no provider ${JSON.stringify(token.provider)}`);
    }
  });
  return { type: 'jwt', providers: translated, optional, ...(authorization === undefined ? {} : { authorization }) };
}

function providerOf(
  provider: Provider,
  field: string,
  authorization: AuthorizationIR | undefined,
  context: SecurityContext,
): JwtProviderIR {
  const { name, issuer, audiences = [], claimToHeaders = [], extractFrom } = provider;
  for (const { header } of claimToHeaders) {
    const mistake = headerNameMistake(header);
    if (mistake !== undefined) context.tell(`${field}.claimToHeaders`, mistake);
  }
  const rules = (authorization?.rules ?? []).flatMap(({ token }) => (token?.provider === name ? token : []));
  return {
    name,
    ...(issuer === undefined || issuer === '' ? {} : { issuer }),
    audiences,
    keys: keysOf(provider, field, context),
    places: placesOf(extractFrom),
    claimHeaders: claimToHeaders.map(({ header, claim }) => ({ name: header, claim })),
    claims: [...new Set(rules.flatMap(({ claims }) => claims.map((claim) => claim.name)))].sort(),
  };
}

function placesOf(from: Provider['extractFrom']): readonly JwtPlaceIR[] {
  const places = [
    ...(from?.headers ?? []).map(
      ({ name, valuePrefix = '' }): JwtPlaceIR => ({
        in: 'header',
        name: name.toLowerCase(),
        ...(valuePrefix === '' ? {} : { prefix: valuePrefix.toLowerCase() }),
      }),
    ),
    ...(from?.cookies ?? []).map((name): JwtPlaceIR => ({ in: 'cookie', name })),
    ...(from?.params ?? []).map((name): JwtPlaceIR => ({ in: 'query', name })),
  ];
  return places.length === 0 ? DEFAULT_PLACES : places;
}

function keysOf(provider: Provider, field: string, context: SecurityContext): JwtKeysIR {
  const { remoteJWKS, localJWKS } = provider;
  if (remoteJWKS === undefined) return localKeys(localJWKS, `${field}.localJWKS`, context);
  const { uri, cacheDuration, backendRef, backendRefs = [], backendSettings } = remoteJWKS;
  const url = URL.canParse(uri) ? new URL(uri) : undefined;
  if ((url?.protocol !== 'http:' && url?.protocol !== 'https:') || url.username !== '' || url.password !== '') {
    context.tell(`${field}.remoteJWKS.uri`, `${JSON.stringify(uri)} is no URL with http or https`);
  }
  const refs = backendRef === undefined ? backendRefs : [backendRef];
  const [at, ...others] = servicesAt(refs, `${field}.remoteJWKS.backendRefs`, context, backendSettings);
  if (others.length > 0) context.tell(`${field}.remoteJWKS.backendRefs`, 'must be one');
  if (backendSettings !== undefined && refs.length === 0) {
    context.tell(`${field}.remoteJWKS.backendSettings`, 'only with backendRefs');
  }
  const ms = cacheDuration === undefined ? undefined : parseDuration(cacheDuration);
  return {
    type: 'remote',
    url: url?.href ?? uri,
    seconds: ms === undefined ? DEFAULT_SECONDS : Math.max(1, Math.floor(ms / 1000)),
    ...(at === undefined ? {} : { at: addressOf(at, backendSettings) }),
  };
}

function localKeys(local: Provider['localJWKS'], field: string, { view, policy, tell }: SecurityContext): JwtKeysIR {
  const { inline = '', valueRef } = local ?? {};
  let text = inline;
  let where = `${field}.inline`;
  if (valueRef !== undefined) {
    where = `${field}.valueRef`;
    const key = { namespace: keyOf(policy).namespace, name: valueRef.name };
    if (valueRef.group !== '' || valueRef.kind !== 'ConfigMap') {
      tell(where, `kind ${valueRef.kind}: only ConfigMaps are read`);
      return { type: 'local', text: '' };
    }
    const data = view.get('ConfigMap', key)?.data;
    const values = Object.values(data ?? {});
    const found = data?.['jwks'] ?? (values.length === 1 ? values[0] : undefined);
    if (found === undefined) {
      const problem = data === undefined ? 'not found' : 'has no key jwks';
      tell(where, `ConfigMap ${objectKeyText(key)} ${problem}`);
      return { type: 'local', text: '' };
    }
    text = found;
  }
  const mistake = keySetMistake(text);
  if (mistake !== undefined) tell(where, mistake);
  return { type: 'local', text };
}
