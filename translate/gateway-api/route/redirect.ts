import type { HTTPRouteFilter } from '@causeway/apis/gateway-api/http-filter';
import type { RedirectIR, RedirectPathIR } from '@causeway/ir/gateway';
import { decodedPath, withoutEnd } from './http-match.ts';

type Redirect = NonNullable<HTTPRouteFilter['requestRedirect']>;

/** @param prefix that which the request's path matched, of which a path may be a replacement */
export function redirectOf({ scheme, hostname, port, path, statusCode = 302 }: Redirect, prefix: string): RedirectIR {
  return {
    type: 'redirect',
    status: statusCode,
    to: {
      type: 'parts',
      ...(scheme === undefined ? {} : { scheme }),
      ...(hostname === undefined ? {} : { host: hostname }),
      ...(port === undefined ? {} : { port }),
      ...(path === undefined ? {} : { path: redirectPath(path, prefix) }),
    },
  };
}

function redirectPath(
  { type, replaceFullPath = '/', replacePrefixMatch = '/' }: NonNullable<Redirect['path']>,
  prefix: string,
): RedirectPathIR {
  if (type === 'ReplaceFullPath') return { type: 'full', path: replaceFullPath, keepsQuery: true };
  return {
    type: 'prefix',
    prefix: withoutEnd(decodedPath(prefix)),
    replacement: withoutEnd(decodedPath(replacePrefixMatch)),
  };
}
