/** Where the question of forward authentication goes, as far as it is the same for every request. */
export interface AuthAuthority {
  readonly scheme: 'http' | 'https';
  /** May hold `$host`. */
  readonly host: string;
  readonly port: number;
  /** Path and query, perhaps with variables; `/` at least. */
  readonly target: string;
}

/**
 * Takes the URL of an authentication service apart. Of variables only `$host` may stand before the path: what else the client
 * says must not choose whom we ask.
 *
 * Source: spec ALB-82.
 *
 * @returns a text that says what is wrong
 */
export function readAuthority(url: string): AuthAuthority | string {
  const match = /^(https?):\/\/([^/?#]*)([^#]*)(#.*)?$/i.exec(url);
  if (match === null) return 'must be an http or https URL';
  const [, scheme = '', authority = '', rest = ''] = match;
  const parts = /^(\[[0-9a-fA-F:.]+\]|[^:@[\]]+)(?::(\d{1,5}))?$/.exec(authority);
  if (parts === null) return `has no host, or one that is none: ${JSON.stringify(authority)}`;
  const [, host = '', digits] = parts;
  const literal = host.replaceAll(/\$\{host\}|\$host(?![A-Za-z0-9_])/g, 'h');
  if (literal.includes('$')) return 'may have $host, and no other variable, before its path';
  if (
    !host.startsWith('[') &&
    (!/^[A-Za-z0-9_]([-._A-Za-z0-9]*[A-Za-z0-9_])?\.?$/.test(literal) || literal.includes('..'))
  ) {
    return `has a host that is none: ${JSON.stringify(host)}`;
  }
  const secure = scheme.toLowerCase() === 'https';
  const port = digits === undefined ? (secure ? 443 : 80) : Number(digits);
  if (port < 1 || port > 65_535) return `has a port that is none: ${digits}`;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be in there
  if (/[\x00-\x20\x7f]/.test(rest)) return 'has blanks or control characters';
  const target = rest.startsWith('/') ? rest : `/${rest}`;
  return { scheme: secure ? 'https' : 'http', host, port, target };
}
