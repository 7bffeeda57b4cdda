/** The question of an authorization service that wants to see the request of the client itself. */
import type { ForwardAuthStep } from '../policy/auth.ts';
import { urlText } from '../policy/auth-url.ts';
import type { AskedRequest } from '../policy/question.ts';
import { currentRequest } from './request.ts';

/** Source: Gateway API, HTTPExternalAuthFilter: told whatever is allowed. */
const ALWAYS_TOLD: readonly string[] = ['authorization'];

/** @param names of further headers that are told, in lower case @param body absent: it is not told */
export function originalQuestion(
  step: ForwardAuthStep,
  names: readonly string[],
  forwardedFor: string,
  body: string | undefined,
): AskedRequest {
  const method = currentRequest.method();
  const headers: (readonly [string, string])[] = [['Host', currentRequest.header('host') ?? '']];
  const told = new LuaTable<string, boolean>();
  for (const name of ALWAYS_TOLD) told.set(name, true);
  for (const name of names) told.set(name, true);
  const sent = ngx.req.get_headers(0, true);
  for (const name in sent) {
    if (told.get(string.lower(name)) !== true) continue;
    const value = sent[name];
    if (typeof value === 'string') headers.push([name, value]);
    else if (typeof value === 'object') for (const one of value) headers.push([name, `${one}`]);
    else headers.push([name, '']);
  }
  headers.push(['X-Forwarded-For', forwardedFor]);
  headers.push(['X-Forwarded-Proto', currentRequest.scheme()]);
  const isEmpty = body === undefined || body === '';
  if (!isEmpty || (method !== 'GET' && method !== 'HEAD')) {
    headers.push(['Content-Length', isEmpty ? '0' : `${body.length}`]);
  }
  return { method, target: urlText(step.target, currentRequest), headers, body: isEmpty ? undefined : body };
}

/** As it is sent. Source: RFC 9112. */
export function questionText({ method, target, headers, body }: AskedRequest): readonly string[] {
  const lines: string[] = [`${method} ${target} HTTP/1.1\r\n`];
  for (const [name, value] of headers) lines.push(`${name}: ${value}\r\n`);
  lines.push('\r\n');
  if (body !== undefined) lines.push(body);
  return lines;
}
