import { type ObjectKey, objectKeyText } from '@causeway/apis/meta/object';
import type { View } from '@causeway/resources/view';
import { certificatesOf, pemCertificates } from '../gateway/certificate.ts';
import { isGranted, type Referrer } from '../gateway/reference.ts';

/** Certificates of authorities that an object names, or why they cannot be had. */
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

/** The Secret or ConfigMap that an object names, which in another namespace needs a ReferenceGrant. */
export function authorityOf(
  view: View,
  from: Referrer,
  { group = '', kind, namespace = from.namespace, name }: Reference,
): Authority {
  const key = { namespace, name };
  const id = objectKeyText(key);
  if (group !== '' || (kind !== 'Secret' && kind !== 'ConfigMap')) {
    return { reason: 'InvalidKind', mistake: `${kind} ${id}: only Secrets and ConfigMaps are read` };
  }
  if (!isGranted(view, from, { group, kind, ...key })) {
    return { reason: 'RefNotPermitted', mistake: `no ReferenceGrant in ${namespace} for ${kind} ${id}` };
  }
  const found = authorityCertificates(view, kind, key);
  return typeof found === 'string'
    ? { reason: 'Unusable', mistake: `${kind} ${id} ${found}` }
    : { id: `${kind} ${id}`, pem: found.join('') };
}

const CA_KEY = 'ca.crt';
const NOT_FOUND = 'not found';
const NO_KEY = `must have ${CA_KEY} key`;
const NO_PEM = `${CA_KEY} must contain PEM-encoded TLS certificates`;

/** Certificates of authorities, PEM. @returns a text that says what is wrong with the object, after its name */
export function authorityCertificates(
  view: View,
  kind: 'ConfigMap' | 'Secret',
  key: ObjectKey,
): readonly string[] | string {
  return kind === 'ConfigMap' ? inConfigMap(view, key) : inSecret(view, key);
}

function inConfigMap(view: View, key: ObjectKey): readonly string[] | string {
  const configMap = view.get('ConfigMap', key);
  if (configMap === undefined) return NOT_FOUND;
  const text = configMap.data?.[CA_KEY];
  return text === undefined ? NO_KEY : (pemCertificates(text) ?? NO_PEM);
}

function inSecret(view: View, key: ObjectKey): readonly string[] | string {
  const secret = view.get('Secret', key);
  if (secret === undefined) return NOT_FOUND;
  return secret.data?.[CA_KEY] === undefined ? NO_KEY : (certificatesOf(secret, CA_KEY) ?? NO_PEM);
}
