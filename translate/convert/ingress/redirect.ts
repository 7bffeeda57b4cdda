import type { HTTPRouteFilter } from '@causeway/apis/gateway-api/http-filter';
import type { IngressReader } from '../../gateway/ingress-reader.ts';
import { isRouteHostname } from '../route-text.ts';
import { fieldOf, type IngressReading } from './ingress-reading.ts';

type Redirect = NonNullable<HTTPRouteFilter['requestRedirect']>;

/**
 * Where annotations send requests of a path. `refused`: elsewhere, but that cannot be said, which was told.
 *
 * The Gateway API knows 301 and 302 in all its versions, and others only of late.
 */
export function redirectOf(reading: IngressReading, read: IngressReader): Redirect | 'refused' | undefined {
  const { tell } = reading;
  const name = read.value('temporal-redirect') === undefined ? 'permanent-redirect' : 'temporal-redirect';
  const url = read.value(name);
  const permanent = name === 'permanent-redirect';
  if (url !== undefined) {
    const code =
      read.value(permanent ? 'permanent-redirect-code' : 'temporal-redirect-code') ?? (permanent ? 301 : 302);
    const place = placeOf(url);
    if (place !== undefined) return { ...place, statusCode: statusCode(code) };
    tell(
      'E506',
      fieldOf(reading, name),
      `${JSON.stringify(url)} cannot be said by a redirect of a gateway; not converted`,
    );
    return 'refused';
  }
  const host = read.value('redirect-host');
  const port = read.value('redirect-port');
  if (host === undefined && port === undefined) return undefined;
  if (host !== undefined && !isRouteHostname(host)) {
    tell(
      'E506',
      fieldOf(reading, 'redirect-host'),
      `${JSON.stringify(host)} cannot be a host of a redirect; not converted`,
    );
    return 'refused';
  }
  return {
    ...(host === undefined ? {} : { hostname: host }),
    ...(port === undefined ? {} : { port }),
    statusCode: statusCode(read.value('redirect-code') ?? 302),
  };
}

export function statusCode(code: number): 301 | 302 {
  return code === 301 || code === 308 ? 301 : 302;
}

/** A URL with `$request_uri` for its path keeps the path. */
function placeOf(url: string): Redirect | undefined {
  const keepsPath = url.endsWith('$request_uri');
  const bare = keepsPath ? url.slice(0, -'$request_uri'.length) : url;
  if (bare.includes('$')) return undefined;
  if (bare.startsWith('/'))
    return bare.includes('?') ? undefined : { path: { type: 'ReplaceFullPath', replaceFullPath: bare } };
  const parsed = URL.canParse(bare) ? new URL(bare) : undefined;
  if (parsed === undefined || parsed.search !== '' || parsed.hash !== '' || !isRouteHostname(parsed.hostname))
    return undefined;
  const scheme = parsed.protocol === 'https:' ? 'https' : 'http';
  if (!/^https?:$/.test(parsed.protocol)) return undefined;
  return {
    scheme,
    hostname: parsed.hostname,
    ...(parsed.port === '' ? {} : { port: Number(parsed.port) }),
    ...(keepsPath ? {} : { path: { type: 'ReplaceFullPath', replaceFullPath: parsed.pathname } }),
  };
}
