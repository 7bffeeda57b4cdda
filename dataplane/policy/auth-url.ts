/** URLs of forward authentication, the same in nginx and in explain. Source: spec ALB-82, ALB-88. */
import { byteAt, indexOf, slice } from '#platform';
import { withoutControls } from './operator.ts';
import { hexByte } from './percent.ts';
import type { RequestView } from './request-view.ts';
import { type TemplatePart, templateText } from './template.ts';

/** A URL, or a part of one: what a client says can end neither a line nor a word. */
export function urlText(template: readonly TemplatePart[], request: RequestView): string {
  return withoutBlanks(templateText(template, request));
}

/** Where a user without session is sent; the original URL is added unless the URL has such a parameter. */
export function signinLocation(
  signin: { readonly url: readonly TemplatePart[]; readonly parameter: string },
  request: RequestView,
): string {
  const url = urlText(signin.url, request);
  const question = indexOf(url, '?', 0);
  if (question >= 0 && hasParameter(slice(url, question + 1, url.length), signin.parameter)) return url;
  const original = urlText(ORIGINAL, request);
  return `${url}${question < 0 ? '?' : '&'}${signin.parameter}=${original}`;
}

const ORIGINAL: readonly TemplatePart[] = [
  { variable: 'pass_access_scheme' },
  '://',
  { variable: 'http_host' },
  { variable: 'escaped_request_uri' },
];

function hasParameter(query: string, name: string): boolean {
  let start = 0;
  while (start < query.length) {
    const ampersand = indexOf(query, '&', start);
    const end = ampersand < 0 ? query.length : ampersand;
    const part = slice(query, start, end);
    if (part === name || slice(part, 0, name.length + 1) === `${name}=`) return true;
    start = end + 1;
  }
  return false;
}

function withoutBlanks(text: string): string {
  let clean = '';
  let start = 0;
  for (let i = 0; i < text.length; i++) {
    const byte = byteAt(text, i) ?? 0;
    if (byte > 32 && byte < 127) continue;
    clean = `${clean}${slice(text, start, i)}%${hexByte(byte)}`;
    start = i + 1;
  }
  return start === 0 ? text : clean + slice(text, start, text.length);
}

/** A value of a header: control characters become blanks. */
export function headerText(template: readonly TemplatePart[], request: RequestView): string {
  return withoutControls(templateText(template, request));
}
