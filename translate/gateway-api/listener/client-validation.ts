import { GATEWAY_GROUP } from '@causeway/apis/gateway-api/bundle';
import { keyOf } from '@causeway/apis/meta/object';
import type { VerifyClientIR } from '@causeway/ir/gateway';
import type { Gateway } from '@causeway/resources/kinds';
import type { View } from '@causeway/resources/view';
import { type Authority, authorityOf } from '../backend/authority.ts';

/** What clients of a port that ends TLS must show, as the Gateway has it. */
export interface ClientValidation {
  /** Path of the field, for messages. */
  readonly field: string;
  /** Of the Gateway. */
  readonly namespace: string;
  readonly caCertificateRefs: readonly Reference[];
  /** Clients without a good certificate are let in, too. */
  readonly insecure: boolean;
}

type Frontend = NonNullable<NonNullable<Gateway['spec']['tls']>['frontend']>;
type Reference = NonNullable<Frontend['default']['validation']>['caCertificateRefs'][number];

/** Why not every authority can be had; the first of them counts. */
export interface ValidationRefusal {
  readonly reason: 'InvalidCACertificateRef' | 'InvalidCACertificateKind' | 'RefNotPermitted';
  readonly message: string;
}

/** Authorities between that of the Gateway and a client. */
const DEPTH = 10;

/**
 * What a Gateway says of the clients of a port: that for the port as a whole comes before the default. Undefined: nothing.
 *
 * Source: GW-11; Gateway API v1, FrontendTLSConfig.
 */
export function validationOf(gateway: Gateway, port: number): ClientValidation | undefined {
  const { frontend } = gateway.spec.tls ?? {};
  if (frontend === undefined) return undefined;
  const own = frontend.perPort?.find((entry) => entry.port === port);
  const { validation } = own === undefined ? frontend.default : own.tls;
  if (validation === undefined) return undefined;
  return {
    field: `spec.tls.frontend.${own === undefined ? 'default' : `perPort[${port}].tls`}.validation`,
    namespace: keyOf(gateway).namespace,
    caCertificateRefs: validation.caCertificateRefs,
    insecure: validation.mode === 'AllowInsecureFallback',
  };
}

/** Whether a Gateway lets clients without a good certificate in somewhere where it asks for one. */
export function isInsecure({ spec }: Gateway): boolean {
  const { default: every, perPort = [] } = spec.tls?.frontend ?? {};
  return [every, ...perPort.map(({ tls }) => tls)].some((one) => one?.validation?.mode === 'AllowInsecureFallback');
}

/**
 * The authorities that can be had count, whatever others are named.
 *
 * @returns no policy when there is none: nobody may be let in
 */
export function translateValidation(
  view: View,
  { field, namespace, caCertificateRefs, insecure }: ClientValidation,
): { readonly policy?: VerifyClientIR; readonly refusal?: ValidationRefusal } {
  const from = { group: GATEWAY_GROUP, kind: 'Gateway', namespace };
  const found = caCertificateRefs.map((ref) => authorityOf(view, from, ref));
  const refusals = found.flatMap((each, index) => refusalOf(each, `${field}.caCertificateRefs[${index}]`) ?? []);
  const usable = found.flatMap((each) => ('pem' in each ? each : []));
  const [refusal] = refusals;
  const [first] = usable;
  return {
    ...(first === undefined
      ? {}
      : {
          policy: {
            ...(insecure ? { verify: 'optional_insecure' } : { verify: 'on', inHandshake: true }),
            authorities: first.id,
            caPem: usable.map(({ pem }) => pem).join(''),
            depth: DEPTH,
            passCertificate: false,
          },
        }),
    ...(refusal === undefined ? {} : { refusal }),
  };
}

function refusalOf(authority: Authority, field: string): ValidationRefusal | undefined {
  if ('pem' in authority) return undefined;
  const reasons = {
    InvalidKind: 'InvalidCACertificateKind',
    RefNotPermitted: 'RefNotPermitted',
    Unusable: 'InvalidCACertificateRef',
  } as const;
  return { reason: reasons[authority.reason], message: `${field} of the Gateway: ${authority.mistake}` };
}
