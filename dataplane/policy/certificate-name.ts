/** Whether a certificate has one of the names that are wanted. For programs of Node; workers read certificates themselves (certificate-identity.ts). */

import type { CertificateName } from './record.ts';

/**
 * Reports whether a certificate has one of these names. A name of a host may be covered by a wildcard for one label; the subject never counts.
 *
 * Source: RFC 6125 section 6.4; RFC 5280 section 4.2.1.6.
 *
 * @param text the alternative names as Node.js writes them, e.g. `DNS:a.com, URI:"x\\u002cy"`
 */
export function hasCertificateName(wanted: readonly CertificateName[], text: string | undefined): boolean {
  const own = alternativeNames(text ?? '');
  return wanted.some(({ of, value }) => own.some((name) => name.of === of && isName(of, value, name.value)));
}

function isName(of: CertificateName['of'], wanted: string, own: string): boolean {
  if (of === 'uri') return own === wanted;
  const name = own.toLowerCase();
  if (name === wanted) return true;
  const rest = wanted.slice(wanted.indexOf('.'));
  return !wanted.startsWith('*') && rest.lastIndexOf('.') > 0 && name === `*${rest}`;
}

const KINDS: Readonly<Record<string, CertificateName['of']>> = { DNS: 'dns', URI: 'uri' };
/** What authorities signed may hold commas and quotes: Node.js writes such names as JSON strings. */
const ENTRY = /(?:^|, )([^:,"]+):("(?:[^"\\]|\\.)*"|[^,"]*)(?=, |$)/gy;

/** Those after a text that cannot be read do not count. */
function alternativeNames(text: string): readonly CertificateName[] {
  const names: CertificateName[] = [];
  for (const [, label = '', value = ''] of text.matchAll(ENTRY)) {
    const of = KINDS[label];
    const read = value.startsWith('"') ? unquoted(value) : value;
    if (of !== undefined && read !== undefined) names.push({ of, value: read });
  }
  return names;
}

function unquoted(value: string): string | undefined {
  try {
    return String(JSON.parse(value));
  } catch {
    return undefined;
  }
}
