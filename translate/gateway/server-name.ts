import { parseObjectKey } from '@causeway/apis/meta/object';
import type { View } from '@causeway/resources/view';
import { leafOf } from './certificate.ts';
import type { Problem } from './problem.ts';

/** A certificate that Rules want to be shown for a host name. */
export interface ServerName {
  /** `namespace/name` of the Secret. */
  readonly certificate: string;
  /** May begin with `*.`. */
  readonly host: string;
}

export function serverNameId({ certificate, host }: ServerName): string {
  return `${certificate} ${host}`;
}

/**
 * Whether a certificate covers the name it is shown for; clients refuse it otherwise. It is shown all the same: what is
 * better is not known.
 *
 * Source: spec ALB-108; RFC 6125 section 6.4 (matching of names).
 *
 * @param id see {@link serverNameId}
 */
export function translateServerName(view: View, id: string): { readonly problems: readonly Problem[] } {
  const blank = id.indexOf(' ');
  const key = parseObjectKey(id.slice(0, blank));
  const host = id.slice(blank + 1);
  const secret = view.get('Secret', key);
  const leaf = secret === undefined ? undefined : leafOf(secret);
  // Only a name below a wildcard can be asked for; any will do.
  if (leaf === undefined || leaf.checkHost(host.replace(/^\*/, 'any')) !== undefined) return { problems: [] };
  const names = (leaf.subjectAltName ?? leaf.subject).replaceAll(/\s+/g, ' ');
  const message = `data[tls.crt]: does not cover ${host}, for which it is shown; it is for ${names}`;
  const object = { kind: 'Secret', key } as const;
  return { problems: [{ object, reason: 'InvalidCertificate', message, severity: 'Warning' }] };
}
