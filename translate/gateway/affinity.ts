import type { ServiceGroup } from '@causeway/apis/gateway/service-group';
import {
  cookieDomainMistake,
  cookiePathMistake,
  type SessionCookieConfig,
} from '@causeway/apis/gateway/session-cookie';
import { readTemplate } from '@causeway/apis/gateway/template';
import type { AffinityIR, SessionIR, SlowStartIR } from '@causeway/ir/gateway';

/** What a cookie is called when nothing is said (spec ALB 6.2). */
const DEFAULT_COOKIE = 'JSESSIONID';
/** Names of cookies and headers: token of RFC 9110 section 5.6.2. */
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/**
 * How a group chooses one of its endpoints (spec ALB section 6.2).
 *
 * @returns text: what is wrong, with the name of the field
 */
export function translateAffinity(group: ServiceGroup): AffinityIR | string {
  const policy = group.session_affinity_policy ?? '';
  const attribute = group.session_affinity_attribute ?? '';
  const slowStart = slowStartOf(group);
  switch (policy) {
    case '':
    case 'rr':
      return { type: 'roundRobin', ...slowStart };
    case 'ewma':
      return { type: 'ewma', ...slowStart };
    case 'sip-hash':
      return { type: 'sourceAddress' };
    case 'cookie': {
      const name = attribute === '' ? DEFAULT_COOKIE : attribute;
      if (!TOKEN.test(name)) return wrongName(name, 'cookie');
      return group.session_cookie === undefined ? { type: 'cookie', name } : sessionOf(name, group.session_cookie);
    }
    case 'hash': {
      if (attribute === '') return 'session_affinity_attribute: Required value: text with variables';
      const template = readTemplate(attribute);
      if (typeof template === 'string') return `session_affinity_attribute: Invalid value: ${template}`;
      const { hash_subset_size: subsetSize } = group;
      return { type: 'template', template, ...(subsetSize === undefined ? {} : { subsetSize }) };
    }
    case 'header':
      if (attribute === '') return 'session_affinity_attribute: Required value: name of the header';
      return TOKEN.test(attribute) ? { type: 'header', name: attribute.toLowerCase() } : wrongName(attribute, 'header');
    default:
      return `session_affinity_policy: Unsupported value: ${JSON.stringify(policy)}`;
  }
}

function slowStartOf({ slow_start_seconds: seconds = 0 }: ServiceGroup): { readonly slowStart?: SlowStartIR } {
  return seconds > 0 ? { slowStart: { durationMs: seconds * 1000 } } : {};
}

function wrongName(name: string, of: 'cookie' | 'header'): string {
  return `session_affinity_attribute: Invalid value: ${JSON.stringify(name)}: not the name of a ${of}`;
}

function sessionOf(name: string, config: SessionCookieConfig): SessionIR | string {
  const { mode = 'balanced', path = '/', domain = '', same_site: sameSite, secure } = config;
  const { max_age_seconds: maxAgeSeconds, expires_seconds: expiresSeconds } = config;
  const wrongPath = cookiePathMistake(path);
  if (wrongPath !== undefined) return `session_cookie.path: Invalid value: ${JSON.stringify(path)}: ${wrongPath}`;
  const wrongDomain = domain === '' ? undefined : cookieDomainMistake(domain);
  if (wrongDomain !== undefined)
    return `session_cookie.domain: Invalid value: ${JSON.stringify(domain)}: ${wrongDomain}`;
  return {
    type: 'session',
    name,
    mode,
    cookie: {
      path,
      ...(domain === '' ? {} : { domain }),
      ...(maxAgeSeconds === undefined ? {} : { maxAgeSeconds }),
      ...(expiresSeconds === undefined ? {} : { expiresSeconds }),
      ...(sameSite === undefined ? {} : { sameSite }),
      ...(config.conditional_same_site_none === true ? { sameSiteNoneIfKnown: true } : {}),
      ...(secure === undefined ? {} : { secure }),
      ...(config.change_on_failure === true ? { changeOnFailure: true } : {}),
    },
  };
}
