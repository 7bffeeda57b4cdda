/** Set-Cookie of backends that know neither the domain nor the path under which they are reached. */
import { indexOf, lowerCase, slice } from '#platform';

/** Source: nginx, proxy_cookie_domain and proxy_cookie_path. */
export interface SetCookieStep {
  readonly type: 'setCookie';
  /** `from`: lower case, without a dot before it. */
  readonly domain?: AttributeChange;
  /** Paths that begin with `from`. */
  readonly path?: AttributeChange;
}

interface AttributeChange {
  readonly from: string;
  readonly to: string;
}

/** @param header value of one Set-Cookie header */
export function changedCookie({ domain, path }: SetCookieStep, header: string): string {
  let changed = header;
  // Attributes stand behind the first semicolon; a change moves what is behind it.
  let start = indexOf(changed, ';', 0);
  while (start >= 0) {
    const next = indexOf(changed, ';', start + 1);
    const end = next < 0 ? changed.length : next;
    const equals = indexOf(changed, '=', start);
    let shift = 0;
    if (equals >= 0 && equals < end) {
      const name = lowerCase(withoutBlanks(slice(changed, start + 1, equals)));
      const value = withoutBlanks(slice(changed, equals + 1, end));
      const replaced =
        name === 'domain' ? changedDomain(domain, value) : name === 'path' ? changedPath(path, value) : undefined;
      if (replaced !== undefined) {
        const head = slice(changed, 0, equals + 1) + replaced;
        shift = head.length - end;
        changed = head + slice(changed, end, changed.length);
      }
    }
    start = next < 0 ? -1 : next + shift;
  }
  return changed;
}

function changedDomain(change: AttributeChange | undefined, value: string): string | undefined {
  if (change === undefined) return undefined;
  const domain = slice(value, 0, 1) === '.' ? slice(value, 1, value.length) : value;
  return lowerCase(domain) === change.from ? change.to : undefined;
}

function changedPath(change: AttributeChange | undefined, value: string): string | undefined {
  if (change === undefined || slice(value, 0, change.from.length) !== change.from) return undefined;
  return change.to + slice(value, change.from.length, value.length);
}

function withoutBlanks(text: string): string {
  let from = 0;
  let to = text.length;
  while (from < to && slice(text, from, from + 1) === ' ') from++;
  while (to > from && slice(text, to - 1, to) === ' ') to--;
  return slice(text, from, to);
}
