/** What an HTTPRoute does to requests and answers, for a rule or for one backend. */
import { array, checked, object, oneOf, oneOfNumbers, optional, type Schema, type TypeOf } from '../meta/schema.ts';
import { corsFilter } from './cors-filter.ts';
import { externalAuthFilter } from './external-auth-filter.ts';
import { atMostOneOf, filterOfType } from './filter-type.ts';
import { headerModifier } from './header-modifier.ts';
import { portNumber, preciseHostname } from './names.ts';
import { localReference } from './object-reference.ts';
import { pathModifier } from './path-modifier.ts';
import { requestMirror } from './request-mirror.ts';

const MOST_FILTERS = 16;

const requestRedirect = object('The client is sent elsewhere.', {
  scheme: optional(oneOf('Scheme there; absent: the same.', ['http', 'https'])),
  hostname: optional(preciseHostname('Host there; absent: the same.')),
  path: optional(pathModifier),
  port: optional(portNumber('Port there; absent: the one of the scheme, or of the listener without a scheme.')),
  statusCode: optional(oneOfNumbers('Of the answer.', [301, 302, 303, 307, 308], { default: 302 })),
});

const urlRewrite = object('The backend sees another URL.', {
  hostname: optional(preciseHostname('Host that it sees.')),
  path: optional(pathModifier),
});

const filter = object('One change.', {
  type: oneOf('Which; the field of that name has the settings.', [
    'RequestHeaderModifier',
    'ResponseHeaderModifier',
    'RequestMirror',
    'RequestRedirect',
    'URLRewrite',
    'ExtensionRef',
    'CORS',
    'ExternalAuth',
  ]),
  requestHeaderModifier: optional(headerModifier('Headers of the request change.')),
  responseHeaderModifier: optional(headerModifier('Headers of the answer change.')),
  requestMirror: optional(requestMirror),
  requestRedirect: optional(requestRedirect),
  urlRewrite: optional(urlRewrite),
  cors: optional(corsFilter),
  externalAuth: optional(externalAuthFilter),
  extensionRef: optional(localReference('A filter of an implementation.')),
});
export type HTTPRouteFilter = TypeOf<typeof filter>;

/** In what order their mistakes are told. */
const FIELDS = {
  CORS: 'cors',
  RequestHeaderModifier: 'requestHeaderModifier',
  ResponseHeaderModifier: 'responseHeaderModifier',
  RequestMirror: 'requestMirror',
  RequestRedirect: 'requestRedirect',
  URLRewrite: 'urlRewrite',
  ExtensionRef: 'extensionRef',
  ExternalAuth: 'externalAuth',
};

/** Which may be there once. */
const SINGLE = ['CORS', 'RequestHeaderModifier', 'ResponseHeaderModifier', 'RequestRedirect', 'URLRewrite'];

export function httpFilters(description: string): Schema<readonly HTTPRouteFilter[]> {
  const list = array(description, filterOfType(filter, FIELDS), { maxItems: MOST_FILTERS, list: 'atomic' });
  const exclusive = checked(list, {
    message: 'May specify either httpRouteFilterRequestRedirect or httpRouteFilterRequestRewrite, but not both',
    rule: "!self.exists(f, f.type == 'RequestRedirect') || !self.exists(f, f.type == 'URLRewrite')",
  });
  return atMostOneOf(exclusive, SINGLE);
}
