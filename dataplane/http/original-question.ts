/** The question of an authorization service that wants to see the request of the client itself, but for its body. */
import type { ForwardAuthStep } from '../policy/auth.ts';
import { urlText } from '../policy/auth-url.ts';
import { currentRequest } from './request.ts';

/** Source: Gateway API, HTTPExternalAuthFilter: told whatever is allowed. */
const ALWAYS_TOLD: readonly string[] = ['authorization'];

/** @param names of further headers that are told, in lower case @param body absent: it is not told */
export function originalQuestion(
  step: ForwardAuthStep,
  names: readonly string[],
  forwardedFor: string,
  body: string | undefined,
): readonly string[] {
  const method = currentRequest.method();
  const host = currentRequest.header('host') ?? '';
  const lines: string[] = [`${method} ${urlText(step.target, currentRequest)} HTTP/1.1\r\nHost: ${host}\r\n`];
  const told = new LuaTable<string, boolean>();
  for (const name of ALWAYS_TOLD) told.set(name, true);
  for (const name of names) told.set(name, true);
  const sent = ngx.req.get_headers(0, true);
  for (const name in sent) {
    if (told.get(string.lower(name)) !== true) continue;
    const value = sent[name];
    if (typeof value === 'string') lines.push(`${name}: ${value}\r\n`);
    else if (typeof value === 'object') for (const one of value) lines.push(`${name}: ${one}\r\n`);
    else lines.push(`${name}:\r\n`);
  }
  lines.push(`X-Forwarded-For: ${forwardedFor}\r\nX-Forwarded-Proto: ${currentRequest.scheme()}\r\n`);
  const isEmpty = body === undefined || body === '';
  if (!isEmpty) {
    lines.push(`Content-Length: ${body.length}\r\n\r\n`);
    lines.push(body);
  } else lines.push(method === 'GET' || method === 'HEAD' ? '\r\n' : 'Content-Length: 0\r\n\r\n');
  return lines;
}
