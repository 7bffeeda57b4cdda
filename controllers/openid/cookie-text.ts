import type { OidcClient } from '@causeway/targets/nginx/question-server';

export interface CookieAttributes extends Pick<OidcClient, 'sameSite' | 'domain'> {
  readonly secure: boolean;
  /** 0: it ends now. */
  readonly seconds: number;
}

/** Value of Set-Cookie. Source: RFC 6265bis section 4.1. */
export function cookieText(name: string, value: string, attributes: CookieAttributes): string {
  const { sameSite, domain, secure, seconds } = attributes;
  return [
    `${name}=${value}`,
    'Path=/',
    'HttpOnly',
    `SameSite=${sameSite}`,
    `Max-Age=${Math.max(0, Math.floor(seconds))}`,
    ...(secure || sameSite === 'None' ? ['Secure'] : []),
    ...(domain === undefined ? [] : [`Domain=${domain}`]),
  ].join('; ');
}
