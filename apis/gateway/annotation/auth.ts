import { isNetwork, parseAddress } from '../../meta/address.ts';
import { readCacheDurations } from '../auth-cache.ts';
import { readAuthority } from '../auth-url.ts';
import { headerNameMistake } from '../header-rules.ts';
import { readTemplate } from '../template.ts';
import { AnnotationMistake, type AnnotationType, flag, integer, list, oneOf, text } from './annotation-type.ts';

/** `namespace/name` or `name`. */
const reference = text(/^([a-z0-9][-a-z0-9]*\/)?[a-z0-9][-.a-z0-9]*$/, '"name" or "namespace/name"');

const template: AnnotationType<string> = {
  read: (value) => {
    const read = readTemplate(value);
    return typeof read === 'string' ? new AnnotationMistake(read) : value;
  },
};

/** With variables; what follows the scheme may hold `$host`. */
const authUrl: AnnotationType<string> = {
  read: (value) => {
    const read = readAuthority(value);
    return typeof read === 'string' ? new AnnotationMistake(read) : template.read(value);
  },
};

const cacheDuration: AnnotationType<string> = {
  read: (value) => {
    const read = readCacheDurations(value);
    return typeof read === 'string' ? new AnnotationMistake(read) : value;
  },
};

const headerName: AnnotationType<string> = {
  read: (value) => {
    const mistake = headerNameMistake(value);
    return mistake === undefined ? value : new AnnotationMistake(`: ${mistake}`);
  },
};

const networks = list<string>({
  read: (value) =>
    isNetwork(value) || parseAddress(value) !== undefined
      ? value
      : new AnnotationMistake('is neither an address nor a network'),
});

/** Below 0: as 0, no limit. */
const connections: AnnotationType<number> = {
  read: (value) => {
    const read = integer(-1_000_000, 10_000).read(value);
    return typeof read === 'number' ? Math.max(0, read) : read;
  },
};

/** Source: spec ALB 5.7, ALB-82 to ALB-95. */
export const AUTH_ANNOTATIONS = {
  'auth-type': oneOf('basic', 'digest'),
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be in there
  'auth-realm': text(/^[^\x00-\x1f\x7f]*$/, 'a text without control characters', 256),
  'auth-secret': reference,
  'auth-secret-type': oneOf('auth-file', 'auth-map'),
  'auth-url': authUrl,
  'auth-method': text(/^[A-Za-z]{1,32}$/, 'a method'),
  'auth-proxy-set-headers': reference,
  'auth-response-headers': list(headerName),
  'auth-signin': template,
  'auth-signin-redirect-param': text(/^[-\w.~]{1,256}$/, 'the name of a query parameter'),
  'auth-request-redirect': template,
  'auth-always-set-cookie': flag,
  'auth-cache-key': template,
  'auth-cache-duration': cacheDuration,
  'auth-keepalive': connections,
  'auth-keepalive-requests': integer(1, 1_000_000_000),
  'auth-keepalive-timeout': integer(1, 86_400),
  'auth-keepalive-share-vars': flag,
  'auth-enable': flag,
  'enable-global-auth': flag,
  satisfy: oneOf('all', 'any'),
  'whitelist-source-range': networks,
  'allowlist-source-range': networks,
  'denylist-source-range': networks,
} as const;
