/** Texts that are put together for every request, the same in nginx and in explain. */
import { emptyTable, slice } from '#platform';
import { type Operator, operatorText } from './operator.ts';
import { encodeComponent } from './percent.ts';
import type { RequestView } from './request-view.ts';

/** A fixed text, or what the request says. */
export type TemplatePart = string | { readonly variable: string } | Operator;

/** Variables without value are empty. */
export function templateText(template: readonly TemplatePart[], request: RequestView): string {
  let text = '';
  for (const part of template) text = text + (typeof part === 'string' ? part : partText(part, request));
  return text;
}

function partText(part: { readonly variable: string } | Operator, request: RequestView): string {
  if ('variable' in part) return variableValue(part.variable, request) ?? '';
  return operatorText(part, request.told);
}

/** Reports whether one of Envoy's operators is in it. */
export function hasOperator(template: readonly TemplatePart[]): boolean {
  for (const part of template) if (typeof part !== 'string' && 'values' in part) return true;
  return false;
}

/** Reads one variable; undefined while the request has nothing of that name. */
export type VariableReader = (this: void, request: RequestView) => string | undefined;

/** By name, since names come from what users configured: as many as there are. */
const readers = emptyTable<VariableReader>();

/** What the variables of nginx say, and those of ALB. @returns undefined while the request has nothing of that name */
export function variableValue(name: string, request: RequestView): string | undefined {
  return variableReader(name)(request);
}

/**
 * How a variable is read: who reads it for every request looks its name up only once.
 *
 * Source: nginx, "Alphabetical index of variables"; spec ALB-78, ALB-82.
 */
export function variableReader(name: string): VariableReader {
  const known = readers[name];
  if (known !== undefined) return known;
  const reader = readerOf(name);
  readers[name] = reader;
  return reader;
}

function readerOf(name: string): VariableReader {
  switch (name) {
    case 'host':
      return (request) => request.host();
    case 'uri':
    case 'document_uri':
      return (request) => request.path();
    case 'request_uri':
      return (request) => request.target();
    case 'escaped_request_uri':
      return (request) => encodeComponent(request.target());
    case 'args':
    case 'query_string':
      return (request) => request.queryText();
    case 'is_args':
      return (request) => (request.queryText() === '' ? '' : '?');
    case 'scheme':
    case 'pass_access_scheme':
      return (request) => request.scheme();
    case 'server_port':
      return (request) => request.port();
    case 'method':
    case 'request_method':
      return (request) => request.method();
    case 'remote_addr':
      return (request) => request.sourceAddress();
    case 'req_id':
      return requestId;
    case 'first_forward':
      return (request) => firstForwarded(request) ?? '';
    case 'first_forward_or_remote_addr':
      return (request) => firstForwarded(request) ?? request.sourceAddress();
  }
  return partReaderOf(name);
}

/** What the client calls the request, or a number of our own. Source: ingress-nginx, $req_id. */
export function requestId(request: RequestView): string {
  const sent = request.header('x-request-id') ?? '';
  return sent === '' ? (request.other('request_id') ?? '') : sent;
}

/** `http_x_user` is the header x-user: names of headers are compared with `_` for `-`. */
function partReaderOf(name: string): VariableReader {
  const header = after('http_', name);
  if (header !== undefined) {
    const dashes = dashed(header);
    return (request) => request.header(dashes);
  }
  const cookie = after('cookie_', name);
  if (cookie !== undefined) return (request) => unquoted(request.cookie(cookie));
  const key = after('arg_', name) ?? after('param_', name);
  if (key !== undefined) return (request) => request.query(key)?.[0];
  return (request) => request.other(name);
}

function after(prefix: string, name: string): string | undefined {
  return slice(name, 0, prefix.length) === prefix ? slice(name, prefix.length, name.length) : undefined;
}

function dashed(name: string): string {
  let text = '';
  for (let i = 0; i < name.length; i++) {
    const letter = slice(name, i, i + 1);
    text = text + (letter === '_' ? '-' : letter);
  }
  return text;
}

/** ALB-78: a cookie value in double quotes loses them. */
function unquoted(value: string | undefined): string | undefined {
  if (value === undefined || value.length < 2) return value;
  const inQuotes = slice(value, 0, 1) === '"' && slice(value, value.length - 1, value.length) === '"';
  return inQuotes ? slice(value, 1, value.length - 1) : value;
}

function firstForwarded(request: RequestView): string | undefined {
  const list = request.header('x-forwarded-for');
  if (list === undefined) return undefined;
  let end = 0;
  while (end < list.length && slice(list, end, end + 1) !== ',') end++;
  const first = trimmed(slice(list, 0, end));
  return first === '' ? undefined : first;
}

function trimmed(text: string): string {
  let from = 0;
  let to = text.length;
  while (from < to && slice(text, from, from + 1) === ' ') from++;
  while (to > from && slice(text, to - 1, to) === ' ') to--;
  return slice(text, from, to);
}
