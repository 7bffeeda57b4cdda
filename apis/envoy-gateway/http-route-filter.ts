import { headerModifier } from '../gateway-api/header-modifier.ts';
import { headerName } from '../gateway-api/names.ts';
import { secretReference } from '../gateway-api/object-reference.ts';
import type { ObjectOfKind } from '../meta/crd.ts';
import { array, boolean, checked, integer, object, oneOf, optional, string, type TypeOf } from '../meta/schema.ts';
import { envoyGatewayKind } from './bundle.ts';
import { responseBody } from './response-body.ts';

/** What rules of HTTPRoutes do by an ExtensionRef. Source: Envoy Gateway v1.7, HTTPRouteFilter. */
export type HTTPRouteFilterObject = ObjectOfKind<typeof HTTPRouteFilterKind>;

const path = checked(
  object('Path that the backend sees.', {
    type: oneOf('How it is made.', ['ReplaceRegexMatch']),
    replaceRegexMatch: optional(
      object('Parts that match are replaced.', {
        pattern: string('Regular expression.', { minLength: 1, maxLength: 1024 }),
        substitution: string('What stands there then; \\1 is a group of the expression.', { maxLength: 1024 }),
      }),
    ),
  }),
  {
    message: 'If HTTPPathModifier type is ReplaceRegexMatch, replaceRegexMatch field needs to be set.',
    rule: "self.type == 'ReplaceRegexMatch' ? has(self.replaceRegexMatch) : !has(self.replaceRegexMatch)",
  },
);

const hostname = checked(
  object('Host that the backend sees.', {
    type: oneOf('A header of the request, or the name of the backend.', ['Header', 'Backend']),
    header: optional(headerName('Name of the header; without it the host stays.')),
  }),
  {
    message: 'header must be nil if the type is not Header',
    rule: "!(has(self.header) && self.type != 'Header')",
  },
  {
    message: 'header must be specified for Header type',
    rule: "!(!has(self.header) && self.type == 'Header')",
  },
);

const urlRewrite = object('The backend sees another URL.', { hostname: optional(hostname), path: optional(path) });
export type UrlRewrite = TypeOf<typeof urlRewrite>;

const directResponse = object('Requests are answered here.', {
  contentType: optional(string('Of the body.', { maxLength: 256 })),
  body: optional(responseBody),
  statusCode: optional(integer('Absent: 200.', { minimum: 100, maximum: 599 })),
  header: optional(
    checked(headerModifier('Further headers of the answer.'), {
      message: 'header.remove is not supported for DirectResponse',
      rule: '!has(self.remove) || size(self.remove) == 0',
    }),
  ),
});
export type DirectResponse = TypeOf<typeof directResponse>;

const credentialInjection = object('Backends are shown a credential that clients do not have.', {
  header: optional(headerName('By which header; absent: Authorization.')),
  overwrite: optional(boolean('In place of what the client sends.')),
  credential: object('What is shown.', { valueRef: secretReference('Secret with its value under credential.') }),
});
export type CredentialInjection = TypeOf<typeof credentialInjection>;

const cookieMatch = object('A cookie.', {
  type: optional(oneOf('How its value is compared.', ['Exact', 'RegularExpression'], { default: 'Exact' })),
  name: string('Its name.', { minLength: 1, maxLength: 256 }),
  value: string('Its value; an expression (RE2) is for all of it.', { minLength: 1, maxLength: 4096 }),
});

const routeMatch = object('Which requests these are; all that is said must hold.', {
  cookies: array('Cookies that a request has.', cookieMatch, { minItems: 1, maxItems: 16 }),
});
export type RouteFilterMatch = TypeOf<typeof routeMatch>;

export const HTTPRouteFilterKind = envoyGatewayKind({
  kind: 'HTTPRouteFilter',
  plural: 'httproutefilters',
  shortName: 'hrf',
  description: 'What rules of HTTPRoutes do that name it.',
  spec: object('What is done.', {
    urlRewrite: optional(urlRewrite),
    directResponse: optional(directResponse),
    credentialInjection: optional(credentialInjection),
    matches: optional(
      array('Rules take only requests that are one of these, beside what their own matches say.', routeMatch, {
        maxItems: 8,
      }),
    ),
  }),
});
