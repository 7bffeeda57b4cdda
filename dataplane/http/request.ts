/**
 * The request that is being matched, for the rule engine. Matching never waits,
 * so one object serves all requests; each part is read at most once per request,
 * because a read of an nginx variable costs as much as a whole match.
 */
import { cookieValue, queryValues } from '../policy/request-values.ts';
import type { RequestView } from '../policy/request-view.ts';
import { requestStructure, spanText } from './nginx-request.ts';
import { nginxVariable, readText } from './nginx-variable.ts';
import { toldValue } from './request-value.ts';

const HOST = nginxVariable('host');
const URI = nginxVariable('uri');
const ARGS = nginxVariable('args');
const COOKIE = nginxVariable('http_cookie');
const CLIENT = nginxVariable('causeway_client');
const REMOTE_ADDR = nginxVariable('remote_addr');
const REQUEST_URI = nginxVariable('request_uri');
const SCHEME = nginxVariable('scheme');
const SERVER_PORT = nginxVariable('server_port');

type Headers = Record<string, string | string[] | boolean | undefined>;

let host: string | undefined;
let path: string | undefined;
let headers: Headers | undefined;
let args: string | undefined;
let cookies: string | undefined;

/** Forgets the previous request; also to be called after a wait, during which others were served. */
export function beginRequest(): void {
  host = undefined;
  path = undefined;
  headers = undefined;
  args = undefined;
  cookies = undefined;
}

export const currentRequest: RequestView = {
  host: () => {
    if (host === undefined) host = readHost();
    return host;
  },
  path: () => {
    if (path === undefined) path = readPath();
    return path;
  },
  method: () => ngx.req.get_method(),
  header: (name) => {
    if (headers === undefined) headers = ngx.req.get_headers(0);
    const value = headers[name];
    if (value === undefined || typeof value === 'string') return value;
    // Cookies are parted by semicolons, also those of several headers; nginx knows that.
    if (name === 'cookie') return readText(COOKIE);
    return typeof value === 'object' ? joined(value) : '';
  },
  query: (name) => {
    if (args === undefined) args = readText(ARGS) ?? '';
    return queryValues(args, name);
  },
  cookie: (name) => {
    if (cookies === undefined) cookies = readText(COOKIE) ?? '';
    return cookieValue(cookies, name);
  },
  /** `$causeway_client` is there when proxies are trusted. */
  sourceAddress: () => readText(CLIENT) ?? readText(REMOTE_ADDR) ?? '',
  target: () => readText(REQUEST_URI) ?? '',
  queryText: () => {
    if (args === undefined) args = readText(ARGS) ?? '';
    return args;
  },
  /** The variables are there on the way back from a firewall. */
  scheme: () => given('causeway_scheme') ?? readText(SCHEME) ?? 'http',
  port: () => given('causeway_port') ?? readText(SERVER_PORT) ?? '',
  other: (variable) => ngx.var[variable],
  told: (value) => toldValue(value, currentRequest),
};

function readHost(): string {
  const request = requestStructure();
  if (request !== undefined && request.server_name.len > 0) return spanText(request.server_name);
  return readText(HOST) ?? '';
}

function readPath(): string {
  const request = requestStructure();
  return request === undefined ? (readText(URI) ?? '') : spanText(request.uri);
}

function given(variable: string): string | undefined {
  const value = ngx.var[variable];
  return value === '' ? undefined : value;
}

function joined(values: readonly string[]): string {
  let text = '';
  let separator = '';
  for (const value of values) {
    text = text + separator + value;
    separator = ', ';
  }
  return text;
}
