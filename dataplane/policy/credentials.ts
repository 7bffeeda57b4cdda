/** The header Authorization. Source: RFC 9110 section 11.6.2. */
import { indexOf, lowerCase, slice } from '#platform';

export interface Credentials {
  /** What follows the scheme; absent: the client sent none of that scheme. */
  readonly text?: string;
  /** Why there is none. */
  readonly problem?: string;
}

/**
 * @param scheme lower case
 * @param absent what is said when there is no such header
 */
export function credentialsIn(header: string | undefined, scheme: string, absent: string): Credentials {
  if (header === undefined) return { problem: absent };
  const blank = indexOf(header, ' ', 0);
  if (blank < 0 || lowerCase(slice(header, 0, blank)) !== scheme) return { problem: absent };
  let start = blank;
  while (slice(header, start, start + 1) === ' ') start++;
  return { text: slice(header, start, header.length) };
}
