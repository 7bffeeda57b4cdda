import { ANNOTATION_PREFIX_ALB_INGRESS } from '@causeway/apis/gateway/labels';
import type { ServiceGroup } from '@causeway/apis/gateway/service-group';
import type { SessionCookieConfig } from '@causeway/apis/gateway/session-cookie';
import { keyOf } from '@causeway/apis/meta/object';
import type { Ingress } from '@causeway/resources/kinds';
import { translateAffinity } from './affinity.ts';
import { type IngressReader, ingressReaders } from './ingress-reader.ts';
import type { Problem } from './problem.ts';

/** What ingress-nginx calls its cookie when nothing is said. */
const DEFAULT_COOKIE = 'INGRESSCOOKIE';
const DEFAULT_SUBSET = 3;
/** Paths with any of these are regular expressions: no path of a cookie. */
const REGEX_CHARACTERS = /[\^$():?[\]*\\;]/;

export interface IngressAffinity {
  /** Of the serviceGroup of a path. */
  readonly fieldsOf: (path: string) => Partial<ServiceGroup>;
  readonly problems: readonly Problem[];
}

/**
 * How the annotations of an Ingress choose an endpoint: ALB's own (ALB-57) before those of ingress-nginx, of which a cookie wins over a
 * hash, and that over `load-balance`.
 */
export function ingressAffinity(ingress: Ingress): IngressAffinity {
  const key = `${ANNOTATION_PREFIX_ALB_INGRESS}session-affinity-policy`;
  const policy = ingress.metadata.annotations?.[key]?.trim() ?? '';
  const read = ingressReaders(ingress)();
  if (policy === '') return { fieldsOf: nginxFields(read), problems: [] };
  const attribute =
    ingress.metadata.annotations?.[`${ANNOTATION_PREFIX_ALB_INGRESS}session-affinity-attribute`]?.trim() ?? '';
  const fields: Partial<ServiceGroup> = {
    session_affinity_policy: policy,
    ...(attribute === '' ? {} : { session_affinity_attribute: attribute }),
  };
  const affinity = translateAffinity(fields);
  if (typeof affinity !== 'string') return { fieldsOf: () => fields, problems: [] };
  const message = `metadata.annotations[${key}]: ${affinity}; round robin is used`;
  return {
    fieldsOf: () => ({}),
    problems: [
      { object: { kind: 'Ingress', key: keyOf(ingress) }, reason: 'InvalidField', message, severity: 'Warning' },
    ],
  };
}

function nginxFields(read: IngressReader): IngressAffinity['fieldsOf'] {
  if (read.value('affinity') === 'cookie') return (path) => sessionFields(read, path);
  const fields = hashFields(read);
  return () => fields;
}

function sessionFields(read: IngressReader, path: string): Partial<ServiceGroup> {
  const fields: { readonly [K in keyof SessionCookieConfig]-?: SessionCookieConfig[K] | undefined } = {
    mode: read.value('affinity-mode') ?? 'balanced',
    path: read.value('session-cookie-path') ?? (path === '' || REGEX_CHARACTERS.test(path) ? '/' : path),
    domain: read.value('session-cookie-domain'),
    max_age_seconds: read.value('session-cookie-max-age'),
    expires_seconds: read.value('session-cookie-expires'),
    same_site: read.value('session-cookie-samesite'),
    conditional_same_site_none: read.value('session-cookie-conditional-samesite-none'),
    // As in ingress-nginx, false only means: not on http.
    secure: read.value('session-cookie-secure') === true ? true : undefined,
    change_on_failure: read.value('session-cookie-change-on-failure'),
  };
  return {
    session_affinity_policy: 'cookie',
    session_affinity_attribute: read.value('session-cookie-name') ?? DEFAULT_COOKIE,
    session_cookie: Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)),
  };
}

function hashFields(read: IngressReader): Partial<ServiceGroup> {
  const key = read.value('upstream-hash-by');
  if (key !== undefined) {
    const subset = read.value('upstream-hash-by-subset') === true;
    return {
      session_affinity_policy: 'hash',
      session_affinity_attribute: key,
      ...(subset ? { hash_subset_size: read.value('upstream-hash-by-subset-size') ?? DEFAULT_SUBSET } : {}),
    };
  }
  return read.value('load-balance') === 'ewma' ? { session_affinity_policy: 'ewma' } : {};
}
