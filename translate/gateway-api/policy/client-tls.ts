import { ENVOY_GATEWAY_GROUP } from '@causeway/apis/envoy-gateway/bundle';
import type { ClientTls } from '@causeway/apis/envoy-gateway/client-traffic-policy';
import type { ClientValidation } from '@causeway/apis/envoy-gateway/client-validation';
import { cipherListMistake } from '@causeway/apis/gateway/cipher-list';
import type { SecretObjectReference } from '@causeway/apis/gateway-api/object-reference';
import { keyOf } from '@causeway/apis/meta/object';
import type { ClientPolicyIR, HostTlsIR } from '@causeway/ir/gateway';
import type { View } from '@causeway/resources/view';
import type { Referrer } from '../../gateway/reference.ts';
import { type Authority, authorityOf, revocationsOf } from '../backend/authority.ts';
import { identityOf } from './certificate-identity.ts';
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

type Context = ClientTlsContext & { readonly from: Referrer };

/** Nobody gets in unless all that is asked for can be had: with less, those would who are not wanted. */
function verificationOf(validation: ClientValidation, { view, policy, tell }: ClientTlsContext): ClientPolicyIR {
  const from = { group: ENVOY_GATEWAY_GROUP, kind: 'ClientTrafficPolicy', namespace: keyOf(policy).namespace };
  const context = { view, policy, tell, from };
  const { caCertificateRefs = [], crl } = validation;
  if (caCertificateRefs.length === 0) {
    tell('tls.clientValidation.caCertificateRefs', `Required value; ${CLOSES}`);
  }
  const authorities = read(caCertificateRefs, 'caCertificateRefs', authorityOf, context);
  const revocations = crl === undefined ? [] : read(crl.refs, 'crl.refs', revocationsOf, context);
  const identity = identityOf(validation, (field, message) =>
    tell(`tls.clientValidation.${field}`, `${message}; ${CLOSES}`),
  );
  const [first] = authorities ?? [];
  if (authorities === undefined || first === undefined || revocations === undefined || identity === 'unusable')
    return CLOSED;
  return {
    ...(validation.optional === true ? { verify: 'optional' } : { verify: 'on', inHandshake: true }),
    authorities: first.id,
    caPem: pemOf(authorities),
    ...(revocations.length === 0 ? {} : { crlPem: pemOf(revocations) }),
    ...(crl?.onlyVerifyLeafCertificate === true ? { crlOfLeafAlone: true } : {}),
    ...(identity === undefined ? {} : { identity }),
    depth: DEPTH,
    passCertificate: false,
  };
}

const CLOSES = 'requests are answered 403';

type Pem = Extract<Authority, { readonly pem: string }>;

/** @returns undefined when one of them cannot be had, which is told */
function read(
  refs: readonly SecretObjectReference[],
  field: string,
  readOne: typeof authorityOf,
  { view, from, tell }: Context,
): readonly Pem[] | undefined {
  const found = refs.map((ref, index) => {
    const one = readOne(view, from, { ...ref, kind: ref.kind ?? 'Secret' });
    if ('mistake' in one) tell(`tls.clientValidation.${field}[${index}]`, `${one.mistake}; ${CLOSES}`);
    return one;
  });
  const usable = found.flatMap((one) => ('pem' in one ? one : []));
  return usable.length < refs.length ? undefined : usable;
}

function pemOf(found: readonly Pem[]): string {
  return found.map(({ pem }) => pem).join('');
}
