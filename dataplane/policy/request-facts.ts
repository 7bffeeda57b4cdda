/** A request as plain data, for everything that matches outside of nginx. Not part of the Lua build. */
import { bytes, lowerCase } from '#platform';
import { cookieValue, queryValues } from './request-values.ts';
import type { RequestView } from './request-view.ts';

export interface RequestFacts {
  /** Lower case, without port. */
  readonly host?: string;
  /** Normalized, see {@link RequestView.path}. */
  readonly path?: string;
  readonly method?: string;
  /** Values by name, any case. */
  readonly headers?: Readonly<Record<string, readonly string[]>>;
  /** Raw, without `?`. */
  readonly query?: string;
  readonly sourceAddress?: string;
  /** Path and query as sent; absent: {@link path} and {@link query}. */
  readonly target?: string;
  readonly scheme?: 'http' | 'https';
  readonly port?: number;
}

/** Texts are given as JavaScript strings and shown to the engine as byte strings. */
export function requestView(facts: RequestFacts): RequestView {
  const headers = new Map<string, string>();
  for (const [name, values] of Object.entries(facts.headers ?? {}))
    headers.set(lowerCase(name), bytes(values.join(', ')));
  const cookies = bytes(
    (Object.entries(facts.headers ?? {}).find(([name]) => lowerCase(name) === 'cookie')?.[1] ?? []).join('; '),
  );
  const target = () => bytes(facts.target ?? `${facts.path ?? '/'}${facts.query ? `?${facts.query}` : ''}`);
  const told: Readonly<Record<string, () => string | number | undefined>> = {
    clientAddress: () => facts.sourceAddress,
    host: () => headers.get('host'),
    localPort: () => facts.port,
    method: () => facts.method ?? 'GET',
    path: () => bytes(facts.path ?? '/'),
    scheme: () => facts.scheme ?? 'http',
    target,
  };
  return {
    host: () => bytes(facts.host ?? ''),
    path: () => bytes(facts.path ?? '/'),
    method: () => facts.method ?? 'GET',
    header: (name) => headers.get(name),
    query: (name) => queryValues(bytes(facts.query ?? ''), name),
    cookie: (name) => cookieValue(cookies, name),
    sourceAddress: () => facts.sourceAddress ?? '',
    target,
    queryText: () => bytes(facts.query ?? ''),
    scheme: () => facts.scheme ?? 'http',
    port: () => String(facts.port ?? (facts.scheme === 'https' ? 443 : 80)),
    other: () => undefined,
    told: (name) => (name.startsWith('request:') ? headers.get(name.slice('request:'.length)) : told[name]?.()),
  };
}
