import { boolean, object, optional, string, type TypeOf } from '../meta/schema.ts';
import { readAuthority } from './auth-url.ts';
import { isHostHeader } from './host.ts';
import { readTemplate, type Template } from './template.ts';

/** Beyond ALB: LIM-10. */
export const mirror = object('Sends a copy of each request elsewhere, and forgets the answer.', {
  target: string(
    'URL; without path that of the request, else it may hold variables: https://copy.example$request_uri.',
  ),
  host: optional(string('Host header of the copy; default the host of the URL.')),
  body: optional(
    boolean('Copies have the body too, which is read as a whole before the request goes on; default true.'),
  ),
});
export type MirrorConfig = TypeOf<typeof mirror>;

/** Where copies go. */
export interface MirrorTarget {
  readonly scheme: 'http' | 'https';
  readonly host: string;
  readonly port: number;
  readonly path: Template;
}

/** @returns a text that says what is wrong: the host is no part of what clients may choose */
export function readMirrorTarget(url: string): MirrorTarget | string {
  const [, base = url, rest = ''] = /^(https?:\/\/[^/$?#]+)(.*)$/is.exec(url) ?? [];
  const authority = readAuthority(base);
  if (typeof authority === 'string') return authority;
  const { scheme, host, port } = authority;
  if (host.includes('$')) return 'must not have variables before its path';
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be in there
  if (/[\x00-\x20\x7f#]/.test(rest)) return 'has blanks, control characters or a fragment';
  // $request_uri begins with a slash.
  const path =
    rest === '' || rest === '/' ? '$request_uri' : rest.replace(/^\/(?=\$(request_uri\b|\{request_uri\}))/, '');
  if (!/^[/?$]/.test(path)) return 'has a path that does not begin with /';
  const template = readTemplate(path.startsWith('?') ? `/${path}` : path);
  return typeof template === 'string' ? template : { scheme, host, port, path: template };
}

/** Says what is wrong with the settings, with the name of the field; undefined for nothing. */
export function mirrorMistake({ target, host = '' }: MirrorConfig): string | undefined {
  const read = readMirrorTarget(target);
  if (typeof read === 'string') return `target: ${read}`;
  return host === '' || isHostHeader(host) ? undefined : 'host: must be a host, with or without port';
}
