import { type ObjectKey, objectKeyText } from '@causeway/apis/meta/object';
import type { View } from '@causeway/resources/view';
import { pemCertificates, pemRevocations } from '../../gateway/certificate.ts';
import { isGranted, type Referrer } from '../../gateway/reference.ts';

/** What an object names, certificates of authorities or lists of them, or why they cannot be had. */
export type Authority =
  /** Its `id` is `Kind namespace/name`. */
  | { readonly id: string; readonly pem: string }
  | { readonly reason: 'InvalidKind' | 'RefNotPermitted' | 'Unusable'; readonly mistake: string };

interface Reference {
  readonly group?: string;
  readonly kind: string;
  readonly namespace?: string;
  readonly name: string;
}

/** What is read of such an object. */
interface Entry {
  readonly key: string;
  /** Undefined when something of a text cannot be read, or there is nothing. */
  readonly parse: (text: string) => readonly string[] | undefined;
  readonly what: string;
}

const CERTIFICATES: Entry = { key: 'ca.crt', parse: pemCertificates, what: 'PEM-encoded TLS certificates' };
const REVOCATIONS: Entry = { key: 'ca.crl', parse: pemRevocations, what: 'PEM-encoded lists of revoked certificates' };

/** The Secret or ConfigMap that an object names, which in another namespace needs a ReferenceGrant. */
export function authorityOf(view: View, from: Referrer, reference: Reference): Authority {
  return pemOf(view, from, reference, CERTIFICATES);
}

/** The same for lists of certificates that authorities have revoked. */
export function revocationsOf(view: View, from: Referrer, reference: Reference): Authority {
  return pemOf(view, from, reference, REVOCATIONS);
}

function pemOf(
  view: View,
  from: Referrer,
  { group = '', kind, namespace = from.namespace, name }: Reference,
  entry: Entry,
): Authority {
  const key = { namespace, name };
  const id = objectKeyText(key);
  if (group !== '' || (kind !== 'Secret' && kind !== 'ConfigMap')) {
    return { reason: 'InvalidKind', mistake: `${kind} ${id}: only Secrets and ConfigMaps are read` };
  }
  if (!isGranted(view, from, { group, kind, ...key })) {
    return { reason: 'RefNotPermitted', mistake: `no ReferenceGrant in ${namespace} for ${kind} ${id}` };
  }
  const found = entryOf(view, kind, key, entry);
  return typeof found === 'string'
    ? { reason: 'Unusable', mistake: `${kind} ${id} ${found}` }
    : { id: `${kind} ${id}`, pem: found.join('') };
}

/** Certificates of authorities, PEM. @returns a text that says what is wrong with the object, after its name */
export function authorityCertificates(
  view: View,
  kind: 'ConfigMap' | 'Secret',
  key: ObjectKey,
): readonly string[] | string {
  return entryOf(view, kind, key, CERTIFICATES);
}

function entryOf(
  view: View,
  kind: 'ConfigMap' | 'Secret',
  key: ObjectKey,
  { key: entry, parse, what }: Entry,
): readonly string[] | string {
  const object = view.get(kind, key);
  if (object === undefined) return 'not found';
  const text = object.data?.[entry];
  if (text === undefined) return `must have ${entry} key`;
  const pem = kind === 'Secret' ? Buffer.from(text, 'base64').toString('latin1') : text;
  return parse(pem) ?? `${entry} must contain ${what}`;
}
