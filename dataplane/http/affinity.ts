/** What ties a request to an endpoint: a hash of the client's address, of a cookie or of a header (spec ALB-52 to ALB-54). */
import { templateText } from '../policy/template.ts';
import { textHash } from '../policy/text-hash.ts';
import type { Group } from './group.ts';
import { currentRequest } from './request.ts';

/** Random parts of a cookie are whole numbers up to this. */
const COOKIE_RANDOM = 999_999;
const HASHES = 4_294_967_296;

/**
 * The key of the request that is being matched, a hash.
 *
 * @param secure whether a cookie that is set is for https only
 */
export function affinityKey(group: Group, secure: boolean): number {
  switch (group.affinity) {
    case 'sourceAddress':
      return textHash(currentRequest.sourceAddress());
    case 'header': {
      const value = currentRequest.header(group.attribute);
      return value === undefined ? Math.floor(math.random() * HASHES) : textHash(value);
    }
    case 'cookie':
      return textHash(currentRequest.cookie(group.attribute) ?? newCookie(group.attribute, secure));
    case 'template':
      return textHash(templateText(group.template, currentRequest));
    default:
      return 0;
  }
}

/** Lets the answer set a cookie, for which the request has to leave the plain location. @returns its value */
function newCookie(name: string, secure: boolean): string {
  const value = `${ngx.now()}.${ngx.worker.pid()}.${math.random(COOKIE_RANDOM)}`;
  ngx.var['causeway_cookie'] = `${name}=${value}; Path=/; HttpOnly${secure ? '; Secure' : ''}`;
  ngx.var['causeway_exit'] = '@causeway_http';
  return value;
}
