import type { CanaryConfig } from '@causeway/apis/gateway/canary';
import { checkRegex } from '@causeway/apis/gateway/regex';
import { checkServiceGroup } from './service-group.ts';
import { type Cause, forbidden, invalid } from './verdict.ts';

/** RFC 9110 section 5.6.2. */
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]*$/;

/** LIM-05. @param field path of the object, e.g. `spec.config.canary` */
export function checkCanary(field: string, canary: CanaryConfig | undefined): Cause[] {
  if (canary === undefined) return [];
  const { serviceGroup, header = '', headerValue = '', headerPattern = '', cookie = '' } = canary;
  const causes = checkServiceGroup(`${field}.serviceGroup`, serviceGroup, false);
  if (!TOKEN.test(header)) causes.push(invalid(`${field}.header`, header, 'not the name of a header'));
  if (!TOKEN.test(cookie)) causes.push(invalid(`${field}.cookie`, cookie, 'not the name of a cookie'));
  if (headerValue !== '' && headerPattern !== '') {
    causes.push(forbidden(`${field}.headerPattern`, 'either headerValue or headerPattern'));
  }
  const pattern = checkRegex(headerPattern);
  if (pattern.dialect === 'invalid') causes.push(invalid(`${field}.headerPattern`, headerPattern, pattern.error));
  return causes;
}
