/** Texts that are put together for every request, the same in nginx and in explain. */
import { slice } from '#platform';
import { encodeComponent } from './percent.ts';
import type { RequestView } from './request-view.ts';

/** A fixed text, or what the request says. */
export type TemplatePart = string | { readonly variable: string };

/** Variables without value are empty. */
export function templateText(template: readonly TemplatePart[], request: RequestView): string {
  let text = '';
  for (const part of template)
    text = text + (typeof part === 'string' ? part : (variableValue(part.variable, request) ?? ''));
  return text;
}

/**
 * What the variables of nginx say, and those of ALB.
 *
 * Source: nginx, "Alphabetical index of variables"; spec ALB-78, ALB-82.
 *
 * @returns undefined while the request has nothing of that name
 */
export function variableValue(name: string, request: RequestView): string | undefined {
  switch (name) {
    case 'host':
      return request.host();
    case 'uri':
    case 'document_uri':
      return request.path();
    case 'request_uri':
      return request.target();
    case 'escaped_request_uri':
      return encodeComponent(request.target());
    case 'args':
    case 'query_string':
      return request.queryText();
    case 'is_args':
      return request.queryText() === '' ? '' : '?';
    case 'scheme':
    case 'pass_access_scheme':
      return request.scheme();
    case 'server_port':
      return request.port();
    case 'method':
    case 'request_method':
      return request.method();
    case 'remote_addr':
      return request.sourceAddress();
    case 'first_forward':
      return firstForwarded(request) ?? '';
    case 'first_forward_or_remote_addr':
      return firstForwarded(request) ?? request.sourceAddress();
  }
  return namedPart(name, request);
}

/** `http_x_user` is the header x-user: names of headers are compared with `_` for `-`. */
function namedPart(name: string, request: RequestView): string | undefined {
  const [header, cookie, argument, parameter] = [
    after('http_', name),
    after('cookie_', name),
    after('arg_', name),
    after('param_', name),
  ];
  if (header !== undefined) return request.header(dashed(header));
  if (cookie !== undefined) return unquoted(request.cookie(cookie));
  const key = argument ?? parameter;
  if (key !== undefined) return request.query(key)?.[0];
  return request.other(name);
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
