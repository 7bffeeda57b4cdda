import { compileAddressRanges, isNamed, mayPass } from '@causeway/dataplane/policy/address-ranges';
import { apiKeyIn } from '@causeway/dataplane/policy/api-key';
import { headerText, signinLocation, urlText } from '@causeway/dataplane/policy/auth-url';
import { compileAuthorization, isAuthorized } from '@causeway/dataplane/policy/authorization';
import { credentialsIn } from '@causeway/dataplane/policy/credentials';
import type { RequestView } from '@causeway/dataplane/policy/request-view';
import { templateText } from '@causeway/dataplane/policy/template';
import type {
  AddressRangesIR,
  ApiKeyIR,
  AuthorizationIR,
  ForwardAuthIR,
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

function exemption(exempt: AddressRangesIR | undefined, request: RequestView): string | undefined {
  if (exempt === undefined || !isNamed(compileAddressRanges(renderAddressRanges(exempt)), request.sourceAddress())) {
    return undefined;
  }
  return `the address ${request.sourceAddress()} needs no authentication`;
}
