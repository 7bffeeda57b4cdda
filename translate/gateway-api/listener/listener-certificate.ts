import { type ObjectKey, objectKeyText } from '@causeway/apis/meta/object';
import type { SniCertificateIR, TlsEndIR } from '@causeway/ir/gateway';
import type { View } from '@causeway/resources/view';
import { keyPairOf, leafOf } from '../../gateway/certificate.ts';
import { isGranted } from '../../gateway/reference.ts';
import { listenerReferrer } from '../reference.ts';
import { translateValidation } from './client-validation.ts';
import { covers } from './hostname.ts';
import { endsTls, type GatewayListener } from './listener.ts';

/** The certificates of a listener that ends TLS. */
export interface ListenerCertificates {
  /** Ids (`namespace/secret`) of those that can be shown, in the order of the listener. */
  readonly usable: readonly UsableCertificate[];
  /** Why not all of them can be; the first of them counts. */
  readonly refusal?: { readonly reason: 'InvalidCertificateRef' | 'RefNotPermitted'; readonly message: string };
}

export interface UsableCertificate {
  readonly id: string;
  /** Names that it is for; lower case. */
  readonly subjects: readonly string[];
  /** Of these the ones that the listener takes. */
  readonly names: readonly string[];
}

const TLS_SECRET = 'kubernetes.io/tls';

type Reference = NonNullable<NonNullable<GatewayListener['spec']['tls']>['certificateRefs']>[number];

/** Source: GW-11, GW-12. */
export function listenerCertificates(view: View, listener: GatewayListener): ListenerCertificates {
  const usable: UsableCertificate[] = [];
  let refusal: ListenerCertificates['refusal'];
  for (const ref of listener.spec.tls?.certificateRefs ?? []) {
    const found = certificateOf(view, listener, ref);
    if ('id' in found) usable.push(found);
    else refusal ??= found;
  }
  if (usable.length === 0)
    refusal ??= { reason: 'InvalidCertificateRef', message: 'tls.certificateRefs: Required value' };
  return { usable, ...(refusal === undefined ? {} : { refusal }) };
}

/** What clients of a listener are shown: by name, and the first certificate for all other names that it takes. */
export function shownCertificates({ hostname }: GatewayListener, usable: readonly UsableCertificate[]): TlsEndIR {
  const named = usable.flatMap(({ id: certificate, names }) => names.map((host) => ({ host, certificate })));
  // Of several for one name the first in the order of the listener is shown.
  const byName = new Map<string, SniCertificateIR>(named.reverse().map((sni) => [sni.host, sni]));
  const certificates = [...byName.values()].reverse();
  const [first] = usable;
  if (first === undefined) return { certificates };
  if (hostname === '') return { certificates, defaultCertificate: first.id };
  const own = byName.get(hostname)?.certificate ?? first.id;
  // A listener's wildcard takes names of any number of labels, a certificate's those of one.
  const others = hostname.startsWith('*.') ? [hostname, `*${hostname}`] : [hostname];
  const added = others.filter((host) => !byName.has(host)).map((host) => ({ host, certificate: own }));
  return { certificates: [...certificates, ...added] };
}

/**
 * What clients of a listener are shown that ends TLS of connections for TLSRoutes and TCPRoutes.
 *
 * Source: GW-31; Gateway API v1, ListenerTLSConfig.mode.
 *
 * @returns undefined: connections go on as they are
 */
export function tlsEndOf(view: View, listener: GatewayListener): TlsEndIR | undefined {
  if (!endsTls(listener.spec)) return undefined;
  const shown = shownCertificates(listener, listenerCertificates(view, listener).usable);
  if (listener.clients === undefined) return shown;
  const { policy } = translateValidation(view, listener.clients);
  if (policy === undefined) return { certificates: [] };
  // Backends of streams cannot be told: nobody asks for what makes no difference.
  return policy.verify === 'on' ? { ...shown, clientCaPem: policy.caPem } : shown;
}

function certificateOf(
  view: View,
  { hostname, owner }: GatewayListener,
  { group = '', kind = 'Secret', namespace, name }: Reference,
): UsableCertificate | NonNullable<ListenerCertificates['refusal']> {
  const invalid = (message: string) => ({ reason: 'InvalidCertificateRef', message }) as const;
  if (group !== '' || kind !== 'Secret')
    return invalid(`certificateRefs: ${group}/${kind} ${name}: only Secrets are served`);
  const referrer = listenerReferrer(owner);
  const key: ObjectKey = { namespace: namespace ?? referrer.namespace, name };
  const id = objectKeyText(key);
  if (!isGranted(view, referrer, { group: '', kind: 'Secret', ...key })) {
    return {
      reason: 'RefNotPermitted',
      message: `certificateRefs: no ReferenceGrant in ${key.namespace} for Secret ${id}`,
    };
  }
  const secret = view.get('Secret', key);
  if (secret === undefined) return invalid(`certificateRefs: Secret ${id} not found`);
  if (secret.type !== TLS_SECRET)
    return invalid(`certificateRefs: Secret ${id}: only those of type ${TLS_SECRET} are served`);
  const pair = keyPairOf(secret);
  if (pair === undefined || pair === 'unusable') {
    return invalid(`certificateRefs: Secret ${id} has no certificate with its key in tls.crt and tls.key`);
  }
  const subjects = (leafOf(secret)?.subjectAltName ?? '')
    .split(', ')
    .filter((entry) => entry.startsWith('DNS:'))
    .map((entry) => entry.slice('DNS:'.length).toLowerCase());
  return { id, subjects, names: subjects.filter((each) => covers(hostname, each)) };
}
