import { global, member, type Overload, traversal } from '../declaration.ts';
import { EvaluationError, ListValue, MapValue, Opaque } from '../value.ts';

/*
 * URLs: absolute ones, and paths that begin with a slash.
 *
 * Source: apiserver pkg/cel/library/urls.go; net/url of Go, ParseRequestURI.
 */

const TYPE = 'kubernetes.URL';
const URL_TEXT = /^(?:([A-Za-z][A-Za-z0-9+.-]*):)?(?:\/\/([^/?]*))?([^?]*)(?:\?(.*))?$/s;

class Url extends Opaque {
  override readonly typeName = TYPE;
  readonly text: string;
  readonly scheme: string;
  /** With the port. */
  readonly host: string;
  readonly path: string;
  readonly query: string;

  constructor(text: string, [scheme, host, path, query]: readonly [string, string, string, string]) {
    super();
    this.text = text;
    this.scheme = scheme;
    this.host = host;
    this.path = path;
    this.query = query;
  }

  override equals(other: Opaque): boolean {
    return other instanceof Url && other.text === this.text;
  }
}

/** The URL, or what is wrong with it. */
function parse(text: string): Url | string {
  if (text === '') return 'empty url';
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  if (/[\x00-\x1f\x7f]/.test(text)) return 'net/url: invalid control character in URL';
  const match = URL_TEXT.exec(text);
  if (match === null) return 'invalid URI for request';
  const [, scheme = '', authority, path = '', query = ''] = match;
  if (text.startsWith(':')) return 'missing protocol scheme';
  if (scheme === '' && !text.startsWith('/')) return 'invalid URI for request';
  if (scheme !== '' && authority === undefined && !path.startsWith('/')) return new Url(text, [scheme, '', '', '']);
  const broken = /%(?![0-9A-Fa-f]{2}).{0,2}/.exec(path);
  if (broken !== null) return `invalid URL escape ${JSON.stringify(broken[0])}`;
  const host = (authority ?? '').replace(/^.*@/, '');
  const problem = hostProblem(host);
  return problem ?? new Url(text, [scheme.toLowerCase(), host, path, query]);
}

function hostProblem(host: string): string | undefined {
  const port = host.startsWith('[') ? host.slice(host.lastIndexOf(']') + 1) : /:.*$/.exec(host)?.[0];
  if (host.startsWith('[') && !host.includes(']')) return "missing ']' in host";
  if (port !== undefined && !/^(:\d*)?$/.test(port)) return `invalid port ${JSON.stringify(port)} after host`;
  const odd = /[ "#<>\\^`{|}]/.exec(host);
  return odd === null ? undefined : `invalid character ${JSON.stringify(odd[0])} in host name`;
}

function url(text: string): Url {
  const parsed = parse(text);
  if (typeof parsed !== 'string') return parsed;
  throw new EvaluationError(`URL parse error during conversion from string: parse ${JSON.stringify(text)}: ${parsed}`);
}

function hostname({ host }: Url): string {
  if (host.startsWith('[')) return host.slice(1, host.lastIndexOf(']'));
  return host.replace(/:\d*$/, '');
}

function port({ host }: Url): string {
  return /:(\d*)$/.exec(host.replace(/^\[.*\]/, ''))?.[1] ?? '';
}

/** As Go writes it: what may not be in a path is escaped, what is escaped stays. */
function escapedPath({ path }: Url): string {
  return path.replace(/[^A-Za-z0-9$&+,/:;=@\-._~!'()*%[\]]/gu, (character) => encodeURIComponent(character));
}

function query(value: Url): MapValue {
  const lists = new Map<string, string[]>();
  for (const [key, each] of new URLSearchParams(value.query)) {
    const list = lists.get(key);
    if (list === undefined) lists.set(key, [each]);
    else list.push(each);
  }
  return new MapValue([...lists].map(([key, list]) => [key, new ListValue(list)] as const));
}

const PARSING = traversal();

export const URLS: readonly Overload[] = [
  global('url', `string -> ${TYPE}`, url, PARSING),
  global('isURL', 'string -> bool', (text: string) => typeof parse(text) !== 'string', PARSING),
  member('getScheme', `${TYPE} -> string`, ({ scheme }: Url) => scheme),
  member('getHost', `${TYPE} -> string`, ({ host }: Url) => host),
  member('getHostname', `${TYPE} -> string`, hostname),
  member('getPort', `${TYPE} -> string`, port),
  member('getEscapedPath', `${TYPE} -> string`, escapedPath),
  member('getQuery', `${TYPE} -> map(string, list(string))`, query),
];
