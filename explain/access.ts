import { compileAddressRanges, isNamed, mayPass } from '@causeway/dataplane/policy/address-ranges';
import { apiKeyIn } from '@causeway/dataplane/policy/api-key';
import { headerText, signinLocation, urlText } from '@causeway/dataplane/policy/auth-url';
import { compileAuthorization, isAuthorized } from '@causeway/dataplane/policy/authorization';
import { credentialsIn } from '@causeway/dataplane/policy/credentials';
import { tokensIn } from '@causeway/dataplane/policy/jwt';
import type { RequestView } from '@causeway/dataplane/policy/request-view';
import { templateText } from '@causeway/dataplane/policy/template';
import type {
  AddressRangesIR,
  ApiKeyIR,
  AuthorizationIR,
  ForwardAuthIR,
  GrpcAuthIR,
  JwtIR,
  OidcIR,
  PasswordAuthIR,
  SourceRangeIR,
} from '@causeway/ir/gateway';
import { renderAddressRanges } from '@causeway/targets/nginx/address-ranges';
import { renderAuthorization } from '@causeway/targets/nginx/authorization';

/** Whether the client's address lets it in. */
export function explainSourceRange({ ranges }: SourceRangeIR, request: RequestView): readonly string[] {
  const address = request.sourceAddress();
  return mayPass(compileAddressRanges(renderAddressRanges(ranges)), address)
    ? [`the address ${address} may send requests`]
    : [`answered with 403: the address ${address} may not send requests`];
}

/** What a password would have to be; never what one is. */
export function explainPasswordAuth(auth: PasswordAuthIR, request: RequestView): readonly string[] {
  const exempt = exemption(auth.exempt, request);
  if (exempt !== undefined) return [exempt];
  const asks = `asks for a user of Secret ${auth.secret} (${auth.layout}, ${auth.scheme}, realm ${JSON.stringify(auth.realm)})`;
  const { text } = credentialsIn(request.header('authorization'), auth.scheme, '');
  return [
    `${asks}: ${text === undefined ? 'answered with 401, no credentials' : 'whether the credentials are right is not told'}`,
  ];
}

/** Whether the rules of authorization let it in. */
export function explainAuthorization(filter: AuthorizationIR, request: RequestView): string {
  return isAuthorized(compileAuthorization(renderAuthorization(filter)), request)
    ? 'the rules of authorization let it in'
    : 'answered with 403: the rules of authorization do not let it in';
}

/** Where a key would have to be; never what one is. */
export function explainApiKey({ secrets, places }: ApiKeyIR, request: RequestView): string {
  const where = places.map((place) => `${place.in} ${place.name}`).join(', ');
  const asks = `asks for an API key of Secret ${secrets.join(', ')} (${where})`;
  return `${asks}: ${apiKeyIn(places, request) === undefined ? 'answered with 401, no key' : 'whether the key is right is not told'}`;
}

/** Whose token it would have to be, and where; never what one says. */
export function explainJwt({ providers, optional, authorization }: JwtIR, request: RequestView): readonly string[] {
  const found = tokensIn(providers, request).length;
  const none = optional ? 'goes on, no token' : 'answered with 401, no token';
  return [
    ...providers.map(({ name, issuer, keys, places }) => {
      const where = places.map((place) => `${place.in} ${place.name}`).join(', ');
      const from = keys.type === 'remote' ? keys.url : 'the policy';
      return `asks for a token of ${name}${issuer === undefined ? '' : ` (issuer ${issuer})`}, keys from ${from} (${where})`;
    }),
    found === 0 ? none : 'whether the token is good is not told',
    ...(authorization === undefined ? [] : ['the rules of authorization judge what the token says']),
  ];
}

/** The question to the authentication service, and what follows from its answer. */
export function explainForwardAuth(auth: ForwardAuthIR, request: RequestView): readonly string[] {
  const exempt = exemption(auth.exempt, request);
  if (exempt !== undefined) return [exempt];
  const { scheme, port, method, upstreamHeaders, signin } = auth;
  const usual = port === (scheme === 'https' ? 443 : 80);
  const host = `${templateText(auth.host, request)}${usual ? '' : `:${port}`}`;
  const denied =
    signin === undefined ? 'answered with 401' : `redirected with 302 to ${signinLocation(signin, request)}`;
  return [
    ...(upstreamHeaders === 'all' ? [] : upstreamHeaders).map(
      (name) => `header of the request, ${name}: only the authentication service sets it`,
    ),
    `asks ${method === '' ? request.method() : method} ${scheme}://${host}${urlText(auth.target, request)}: on 2xx the request goes on, on 401 it is ${denied}`,
    ...auth.headers.map(
      ({ name, value }) => `header of that question, ${name}: ${JSON.stringify(headerText(value, request))}`,
    ),
    ...(auth.cache === undefined
      ? []
      : [`the answer is remembered by ${JSON.stringify(templateText(auth.cache.key, request))}`]),
  ];
}

/** Who is asked by gRPC, and what happens while nobody answers. */
export function explainGrpcAuth({ services, timeoutMs, failOpen }: GrpcAuthIR): string {
  const asked = services
    .map(({ host, port, tls }) => `${host}:${port}${tls === undefined ? '' : ' over TLS'}`)
    .join(' or ');
  const otherwise = failOpen ? 'goes on' : 'is answered 403';
  return `asks ${asked} by gRPC whether it may pass; without an answer within ${timeoutMs} ms it ${otherwise}`;
}

/** Who signs users in, and which part of that a request is; never whose session it has. */
export function explainOidc({ client, callbackPath, logoutPath, cookies }: OidcIR, request: RequestView): string {
  const asks = `users sign in at ${client.issuer} as client ${client.id}`;
  const path = request.path();
  if (path === callbackPath) return `${asks}: they come back to this path`;
  if (path === logoutPath) return `${asks}: this path signs out`;
  const has =
    request.cookie(cookies.access) === undefined ? 'sent there, no cookie' : 'whether the session is good is not told';
  return `${asks}: ${has}`;
}

function exemption(exempt: AddressRangesIR | undefined, request: RequestView): string | undefined {
  if (exempt === undefined || !isNamed(compileAddressRanges(renderAddressRanges(exempt)), request.sourceAddress())) {
    return undefined;
  }
  return `the address ${request.sourceAddress()} needs no authentication`;
}
