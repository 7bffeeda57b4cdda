import type { ServiceGroup } from '@causeway/apis/gateway/service-group';
import {
  cookieDomainMistake,
  cookiePathMistake,
  type SessionCookieConfig,
} from '@causeway/apis/gateway/session-cookie';
import { readTemplate } from '@causeway/apis/gateway/template';
import { type Cause, forbidden, invalid, notSupported, required } from './verdict.ts';

/** RFC 9110 section 5.6.2, or nothing for the default. */
const NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]*$/;
const POLICIES = ['', 'rr', 'sip-hash', 'cookie', 'header', 'ewma', 'hash'];
const LAYER_4_POLICIES = ['', 'rr', 'sip-hash'];

/**
 * Source: spec ALB section 6.2 (policies), ALB-53 (header needs a name), ALB-56 (layer 4 has neither cookies nor headers, nor times of answers).
 *
 * @param field path of the group, e.g. `spec.serviceGroup`
 */
export function checkServiceGroup(field: string, group: ServiceGroup | undefined, layer4: boolean): Cause[] {
  const policy = group?.session_affinity_policy ?? '';
  if (!POLICIES.includes(policy)) return [notSupported(`${field}.session_affinity_policy`, policy, POLICIES)];
  if (layer4 && !LAYER_4_POLICIES.includes(policy)) {
    return [forbidden(`${field}.session_affinity_policy`, `${policy} needs http`)];
  }
  const attribute = group?.session_affinity_attribute ?? '';
  if (policy === 'header' && attribute === '') {
    return [required(`${field}.session_affinity_attribute`, 'name of the header')];
  }
  if ((policy === 'header' || policy === 'cookie') && !NAME.test(attribute)) {
    return [invalid(`${field}.session_affinity_attribute`, attribute, `not the name of a ${policy}`)];
  }
  if (policy === 'hash') return checkHashKey(`${field}.session_affinity_attribute`, attribute);
  return checkSessionCookie(`${field}.session_cookie`, group?.session_cookie);
}

function checkHashKey(field: string, key: string): Cause[] {
  if (key === '') return [required(field, 'text with variables that is hashed')];
  const template = readTemplate(key);
  return typeof template === 'string' ? [invalid(field, key, template)] : [];
}

function checkSessionCookie(field: string, cookie: SessionCookieConfig | undefined): Cause[] {
  const { path = '/', domain = '' } = cookie ?? {};
  const [wrongPath, wrongDomain] = [cookiePathMistake(path), domain === '' ? undefined : cookieDomainMistake(domain)];
  return [
    ...(wrongPath === undefined ? [] : [invalid(`${field}.path`, path, wrongPath)]),
    ...(wrongDomain === undefined ? [] : [invalid(`${field}.domain`, domain, wrongDomain)]),
  ];
}

/** `namespace/name`, or the old form `namespace_name` (neither part can hold an underscore). */
export function checkSecretName(field: string, name: string | undefined): Cause[] {
  if (name === undefined || name === '') return [];
  const wellFormed = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?[/_][a-z0-9]([-.a-z0-9]*[a-z0-9])?$/.test(name);
  return wellFormed ? [] : [invalid(field, name, 'must be "namespace/name" of a Secret')];
}
