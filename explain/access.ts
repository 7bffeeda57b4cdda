import { compileAddressRanges, isNamed, mayPass } from '@causeway/dataplane/policy/address-ranges';
import { headerText, signinLocation, urlText } from '@causeway/dataplane/policy/auth-url';
import { credentialsIn } from '@causeway/dataplane/policy/credentials';
import type { RequestView } from '@causeway/dataplane/policy/request-view';
import { templateText } from '@causeway/dataplane/policy/template';
import type { AddressRangesIR, ForwardAuthIR, PasswordAuthIR, SourceRangeIR } from '@causeway/ir/gateway';
import { renderAddressRanges } from '@causeway/targets/nginx/address-ranges';

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
    ...upstreamHeaders.map((name) => `header of the request, ${name}: only the authentication service sets it`),
    `asks ${method} ${scheme}://${host}${urlText(auth.target, request)}: on 2xx the request goes on, on 401 it is ${denied}`,
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
