import type { SniCertificateIR } from './listener.ts';
import type { TestIR } from './match.ts';
import type { ForwardIR, RespondIR, RouteSourceIR } from './route.ts';

/**
 * TLS connections that are passed on without a look inside: the name in the ClientHello (SNI) says which. What else connects to the port is
 * the business of its listeners, which end TLS.
 *
 * ssl-passthrough of an Ingress and TLSRoute of the Gateway API become this form.
 */
export interface PassthroughIR {
  readonly kind: 'passthrough';
  /** Unique in the instance, stable over changes of the object it came from. */
  readonly id: string;
  /** Data plane that serves it: `namespace/name` of the ALB or Gateway. */
  readonly instance: string;
  /** Ids of the listeners to whose ports it belongs; listeners that do not speak TLS do not count. */
  readonly listeners: readonly string[];
  /** At least one, lower case. An exact name wins over a wildcard, a longer wildcard over a shorter one. */
  readonly hosts: readonly ServerNameIR[];
  readonly order: PassthroughOrderIR;
  /** To backends of protocol tcp; `respond`: connections are closed. */
  readonly action: ForwardIR | RespondIR;
  /** TLS is ended, and what is in it goes on in the clear; absent: connections go on as they are. */
  readonly end?: TlsEndIR;
  /** What the user calls it, for explanations. */
  readonly name: string;
  readonly source: RouteSourceIR;
}

/** What is shown to clients whose TLS is ended, and what they must show. */
export interface TlsEndIR {
  /** By the name that the client asks for. */
  readonly certificates: readonly SniCertificateIR[];
  /** Id of the {@link CertificateIR} for all other names, and for none; absent: the handshake fails. */
  readonly defaultCertificate?: string;
  /** PEM of authorities: without a certificate of one of them the handshake fails; absent: clients need none. */
  readonly clientCaPem?: string;
}

/** A name, or all names that end like this; `''` for every name. */
export type ServerNameIR = Extract<TestIR, { op: 'equal' | 'hostSuffix' }>;

/** Of several for the same host: priority (smaller first), then tie (bytewise, smaller first). */
export interface PassthroughOrderIR {
  readonly priority: number;
  readonly tie: string;
}
