import type { TemplateIR } from './template.ts';

/** Changes Set-Cookie of backends. Source: nginx, proxy_cookie_domain and proxy_cookie_path. */
export interface SetCookieIR {
  readonly type: 'setCookie';
  /** Without a dot before it; compared in any case of letters. */
  readonly domain?: { readonly from: string; readonly to: string };
  /** A path that begins with `from`. */
  readonly path?: { readonly from: string; readonly to: string };
}

/** Changes Location of backends where it begins with `from`. Source: nginx, proxy_redirect. */
export interface LocationIR {
  readonly type: 'location';
  readonly from: string;
  readonly to: TemplateIR;
}

/** Says how the connection to the backend goes on: value of the header Connection. Not for gRPC. */
export interface ConnectionIR {
  readonly type: 'connection';
  readonly value: string;
}
