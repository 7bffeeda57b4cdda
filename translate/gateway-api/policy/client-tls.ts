import { ENVOY_GATEWAY_GROUP } from '@causeway/apis/envoy-gateway/bundle';
import type { ClientTls } from '@causeway/apis/envoy-gateway/client-traffic-policy';
import { cipherListMistake } from '@causeway/apis/gateway/cipher-list';
import { keyOf } from '@causeway/apis/meta/object';
import type { ClientPolicyIR, HostTlsIR } from '@causeway/ir/gateway';
import type { View } from '@causeway/resources/view';
import { authorityOf } from '../authority.ts';
import type { Policy } from './policy-kind.ts';
import type { Tell } from './tell.ts';

interface ClientTlsContext {
  readonly view: View;
  readonly policy: Policy<'ClientTrafficPolicy'>;
  readonly tell: Tell;
}

/** Nobody gets through where clients cannot be verified as the policy wants it. */
const CLOSED: ClientPolicyIR = {
  verify: 'closed',
  status: 403,
  reason: 'InvalidClientCertificate : clients cannot be verified',
};

/** Authorities between that of the policy and a client. */
const DEPTH = 10;

/** How connections of clients are encrypted, and who may open them. Source: GW-42. */
export function clientTlsOf(tls: ClientTls, context: ClientTlsContext): HostTlsIR {
  const { tell } = context;
  const list = tls.ciphers?.join(':');
  const mistake = list === undefined ? undefined : cipherListMistake(list);
  if (mistake !== undefined) tell('tls.ciphers', mistake);
  const client = tls.clientValidation === undefined ? undefined : verificationOf(tls.clientValidation, context);
  return {
    ...(list === undefined || mistake !== undefined ? {} : { ciphers: { list } }),
    ...(client === undefined ? {} : { client }),
  };
}

type Validation = NonNullable<ClientTls['clientValidation']>;

const UNSERVED = ['subjectAltNames', 'spkiHashes', 'certificateHashes', 'crl'] as const;

function verificationOf(validation: Validation, { view, policy, tell }: ClientTlsContext): ClientPolicyIR {
  const from = { group: ENVOY_GATEWAY_GROUP, kind: 'ClientTrafficPolicy', namespace: keyOf(policy).namespace };
  const unserved = UNSERVED.filter((field) => validation[field] !== undefined);
  for (const field of unserved) tell(`tls.clientValidation.${field}`, 'not served; requests are answered 403');
  const { caCertificateRefs = [] } = validation;
  if (caCertificateRefs.length === 0) {
    tell('tls.clientValidation.caCertificateRefs', 'Required value; requests are answered 403');
  }
  const found = caCertificateRefs.map((ref, index) => {
    const authority = authorityOf(view, from, { ...ref, kind: ref.kind ?? 'Secret' });
    if ('mistake' in authority) {
      const field = `tls.clientValidation.caCertificateRefs[${index}]`;
      tell(field, `${authority.mistake}; requests are answered 403`);
    }
    return authority;
  });
  const authorities = found.flatMap((each) => ('pem' in each ? each : []));
  const [first] = authorities;
  if (unserved.length > 0 || first === undefined || authorities.length < found.length) return CLOSED;
  return {
    verify: validation.optional === true ? 'optional' : 'on',
    authorities: first.id,
    caPem: authorities.map(({ pem }) => pem).join(''),
    depth: DEPTH,
    passCertificate: false,
  };
}
