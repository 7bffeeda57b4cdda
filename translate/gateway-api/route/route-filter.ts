import { ENVOY_GATEWAY_GROUP } from '@causeway/apis/envoy-gateway/bundle';
import type {
  CredentialInjection,
  DirectResponse,
  RouteFilterMatch,
  UrlRewrite,
} from '@causeway/apis/envoy-gateway/http-route-filter';
import { headerNameMistake, headerValueMistake } from '@causeway/apis/gateway/header-rules';
import { checkRegex } from '@causeway/apis/gateway/regex';
import { objectKeyText } from '@causeway/apis/meta/object';
import type { ContentIR, FilterIR, RespondIR, TermIR } from '@causeway/ir/gateway';
import type { View } from '@causeway/resources/view';
import { isGranted, type Referrer } from '../../gateway/reference.ts';
import { valueTest } from './http-match.ts';
import { answerHeaders, responseText } from './response-body.ts';

/** What an HTTPRouteFilter does to the requests of a rule. */
export interface RouteFilterTranslation {
  readonly filters: readonly FilterIR[];
  /** Requests get this answer. */
  readonly answer?: RespondIR;
  /** The backend sees its own name as Host. */
  readonly namesBackend?: true;
  /** The rule takes only requests of which all terms of one of these hold. */
  readonly matches?: readonly (readonly TermIR[])[];
}

/** Reports whether an ExtensionRef is to one of these. */
export function isRouteFilterKind(group: string, kind: string): boolean {
  return group === ENVOY_GATEWAY_GROUP && kind === 'HTTPRouteFilter';
}

/**
 * An HTTPRouteFilter of the namespace of a route.
 *
 * Source: GW-25; Envoy Gateway v1.7, HTTPRouteFilter.
 *
 * @returns text: what cannot be served; undefined: there is none of that name. Nothing may be passed on without it.
 */
export function translateRouteFilter(
  view: View,
  { namespace }: Referrer,
  name: string,
): RouteFilterTranslation | string | undefined {
  const key = { namespace, name };
  const found = view.get('HTTPRouteFilter', key);
  if (found === undefined) return undefined;
  const { urlRewrite, directResponse, credentialInjection, matches = [] } = found.spec;
  const parts = [
    urlRewrite === undefined ? [] : rewriteOf(urlRewrite),
    credentialInjection === undefined ? [] : credentialOf(view, namespace, credentialInjection),
  ];
  const answer = directResponse === undefined ? undefined : answerOf(view, namespace, directResponse);
  const terms = matches.map((match, index) => cookieTerms(match, `matches[${index}]`));
  const mistake = [...terms, ...parts, answer].find((part) => typeof part === 'string');
  if (typeof mistake === 'string') return `HTTPRouteFilter ${objectKeyText(key)}: spec.${mistake}`;
  return {
    filters: parts.flatMap((part) => (typeof part === 'string' ? [] : part)),
    ...(answer === undefined || typeof answer === 'string' ? {} : { answer }),
    ...(urlRewrite?.hostname?.type === 'Backend' ? { namesBackend: true } : {}),
    ...(terms.length === 0
      ? {}
      : { matches: terms.flatMap((each): (readonly TermIR[])[] => (typeof each === 'string' ? [] : [each])) }),
  };
}

/** All of these cookies, of which a name may be there twice. @returns text: what is wrong, after `spec.` */
function cookieTerms({ cookies }: RouteFilterMatch, field: string): readonly TermIR[] | string {
  const terms: TermIR[] = [];
  for (const [index, { name, type, value }] of cookies.entries()) {
    const test = valueTest(type, value);
    if (typeof test === 'string') return `${field}.cookies[${index}].value: ${test}`;
    terms.push({ subject: 'cookie', name, tests: [test] });
  }
  return terms;
}

/** @returns text: what is wrong, after `spec.` */
function rewriteOf({ hostname, path }: UrlRewrite): readonly FilterIR[] | string {
  const filters: FilterIR[] = [];
  if (hostname?.header !== undefined) {
    filters.push({ type: 'hostFromHeader', header: hostname.header.toLowerCase() });
  }
  const regex = path?.replaceRegexMatch;
  if (regex === undefined) return filters;
  const verdict = checkRegex(regex.pattern);
  if (verdict.dialect === 'invalid') return `urlRewrite.path.replaceRegexMatch.pattern: ${verdict.error}`;
  const replacement = substitutionOf(regex.substitution);
  if (typeof replacement === 'string') return `urlRewrite.path.replaceRegexMatch.substitution: ${replacement}`;
  filters.push({ type: 'pathRewrite', pattern: regex.pattern, every: true, replacement, log: false });
  return filters;
}

/** Source: RE2, rewrite strings: `\1` to `\9` are groups, `\0` is the match, `\\` a backslash. @returns text: what is wrong */
function substitutionOf(text: string): readonly (string | number)[] | string {
  if (/[?#\s]/.test(text)) return 'must be part of a path';
  const parts: (string | number)[] = [];
  for (const [piece] of text.matchAll(/\\[\s\S]?|[^\\]+/g)) {
    if (!piece.startsWith('\\')) parts.push(piece);
    else if (piece === '\\\\') parts.push('\\');
    else if (/^\\[0-9]$/.test(piece)) parts.push(Number(piece[1]));
    else return `${JSON.stringify(piece)} is neither a group nor a backslash`;
  }
  return parts;
}

const LEAST_STATUS = 200;

function answerOf(
  view: View,
  namespace: string,
  { contentType, body, statusCode = 200, header = {} }: DirectResponse,
): RespondIR | string {
  const field = 'directResponse';
  if (statusCode < LEAST_STATUS) return `${field}.statusCode: ${statusCode} ends no request`;
  const text = body === undefined ? '' : responseText(view, namespace, body);
  if (typeof text !== 'string') return `${field}.body: ${text.mistake}`;
  const { set = [], add = [], remove = [] } = header;
  if (remove.length > 0) return `${field}.header.remove: there is nothing to remove`;
  const headers = [...add, ...set];
  const values = [...(contentType === undefined ? [] : [{ name: 'x', value: contentType }]), ...headers];
  for (const { name, value } of values) {
    const mistake = headerNameMistake(name) ?? headerValueMistake(value);
    if (mistake !== undefined) return `${field}.header: ${mistake}`;
  }
  const made = answerHeaders(headers);
  if (typeof made === 'string') return `${field}.header: ${made}`;
  const content: ContentIR = {
    contentType: contentType ?? '',
    // Envoy Gateway says it as it stands there, whatever looks like an operator.
    text: [text],
    ...(headers.length === 0 ? {} : { headers: made }),
  };
  return { type: 'respond', status: statusCode, reason: '', content };
}

const CREDENTIAL_KEY = 'credential';

function credentialOf(
  view: View,
  namespace: string,
  { header = 'Authorization', overwrite = false, credential: { valueRef } }: CredentialInjection,
): readonly FilterIR[] | string {
  const field = 'credentialInjection';
  const { group = '', kind = 'Secret', name } = valueRef;
  if (group !== '' || kind !== 'Secret') return `${field}.credential.valueRef: kind ${kind}: only Secrets are served`;
  const key = { namespace: valueRef.namespace ?? namespace, name };
  const from = { group: ENVOY_GATEWAY_GROUP, kind: 'HTTPRouteFilter', namespace };
  if (!isGranted(view, from, { group, kind, ...key })) {
    return `${field}.credential.valueRef: no ReferenceGrant in ${key.namespace} for Secret ${objectKeyText(key)}`;
  }
  const data = view.get('Secret', key)?.data;
  if (data === undefined) return `${field}.credential.valueRef: Secret ${objectKeyText(key)} not found`;
  const encoded = data[CREDENTIAL_KEY];
  if (encoded === undefined)
    return `${field}.credential.valueRef: Secret ${objectKeyText(key)} has no key ${CREDENTIAL_KEY}`;
  const value = Buffer.from(encoded, 'base64').toString('utf8').trim();
  const mistake = headerNameMistake(header);
  if (mistake !== undefined) return `${field}.header: ${mistake}`;
  if (value === '' || headerValueMistake(value) !== undefined) {
    return `${field}.credential.valueRef: Secret ${objectKeyText(key)}: ${CREDENTIAL_KEY} is no value of a header`;
  }
  return [
    {
      type: 'requestHeaders',
      changes: [{ op: overwrite ? 'set' : 'default', name: header, value: [value], secret: true }],
    },
  ];
}
