import type { TlsProtocolIR } from './backend-tls.ts';
import type { HostTlsIR } from './client-certificate.ts';
import type { FilterIR } from './filter.ts';
import type { RouteActionIR } from './route.ts';
import type { TlsSignatureIR } from './tls-signature.ts';

/**
 * One port, or one hostname of a port, that takes traffic. Several listeners
 * may share a port when their protocol is the same and their hostnames differ.
 */
export interface ListenerIR {
  readonly kind: 'listener';
  readonly id: string;
  /** Data plane that serves it: `namespace/name` of the ALB or Gateway. */
  readonly instance: string;
  readonly port: number;
  readonly protocol: ListenerProtocol;
  /** Host names served, `*.` wildcards included; empty: every host. The routes of the listener ask for these and no other. */
  readonly hostnames: readonly string[];
  readonly tls?: ListenerTlsIR;
  /** Not on udp; only what tcp ports forward can be sent. */
  readonly proxyProtocol?: ProxyProtocolIR;
  /** Connections of clients; not on udp. Absent: the defaults of the data plane. */
  readonly keepalive?: ClientKeepaliveIR;
  /** What clients may do; only of HTTP. Absent: as the data plane has it. */
  readonly limits?: ClientLimitsIR;
  /** Clients may also speak HTTP/2 without TLS, if they know beforehand that it is understood; only with protocol http. */
  readonly cleartextHttp2?: true;
  /** Taken when no route matches; absent: 404 `InvalidUpstream : no rule match`. */
  readonly fallback?: RouteActionIR;
  /** Applied in this order before the fallback; absent: none. */
  readonly fallbackFilters?: readonly FilterIR[];
  /** What the user calls it, for logs and explanations. */
  readonly name: string;
}

export type ListenerProtocol = 'http' | 'https' | 'grpc' | 'grpcs' | 'tcp' | 'udp';

/** How connections of clients are kept (spec ALB-105). */
export interface ClientKeepaliveIR {
  /** Probes of TCP; absent: none. Absent fields: the system's. */
  readonly tcp?: { readonly idleMs?: number; readonly intervalMs?: number; readonly probes?: number };
  /** Between requests. */
  readonly http?: {
    readonly timeoutMs: number;
    /** Told to clients in the header Keep-Alive; absent: not. */
    readonly headerMs?: number;
    readonly requests: number;
  };
}

/** What clients may do; absent fields: as the data plane has it. */
export interface ClientLimitsIR {
  /** Until the header of a request is there, and between two parts of its body. */
  readonly requestMs?: number;
  /** Of one connection with HTTP/2 at once. */
  readonly http2Streams?: number;
  /** Older connections end with the request that is under way. */
  readonly connectionMs?: number;
  /** Headers with `_` in their names are taken; else they are dropped. */
  readonly underscoresInHeaders?: boolean;
  /** Between two parts of a request body, or of an answer. */
  readonly streamIdleMs?: number;
  /** Several slashes in a row count as one; else they are told apart. */
  readonly mergesSlashes?: boolean;
  /** Of a request body that may be held in memory. */
  readonly bodyBufferBytes?: number;
  /** Of a request body over HTTP/2 that may come before anybody reads it. */
  readonly http2WindowBytes?: number;
}

/** The PROXY protocol towards clients and towards endpoints. */
export interface ProxyProtocolIR {
  /** Every connection begins with a header; those without are closed. */
  readonly receive: boolean;
  /** Those without are served, too: their client is the peer. */
  readonly optional?: true;
  /** Networks (CIDR) whose headers are believed. */
  readonly trusted: readonly string[];
  /** What endpoints get; absent: nothing. */
  readonly send?: 'v1' | 'v2';
}

export interface ListenerTlsIR {
  /** Id of the {@link CertificateIR} shown when SNI is absent or an address; absent: the handshake fails. */
  readonly defaultCertificate?: string;
  /**
   * Id of the {@link CertificateIR} shown when SNI names no certificate, neither of this list nor of the routes;
   * absent: the handshake fails.
   */
  readonly unknownNameCertificate?: string;
  /** Where otherwise the handshake would fail, a self-signed certificate is shown. */
  readonly selfSigned?: boolean;
  /** Those of the listener itself; routes bring further ones (RouteIR.certificates). */
  readonly certificates: readonly SniCertificateIR[];
  /** Requests for a host of another such listener of the port than that of the name which their connection asked for: 421. */
  readonly apart?: true;
  /** For hosts of which no route says anything else. */
  readonly hostTls?: HostTlsIR;
  /** Of those of the data plane; of several listeners of a port what all of them take. Absent: 1.2 and 1.3. */
  readonly protocols?: readonly TlsProtocolIR[];
  /** For the key exchange, by the names of OpenSSL; absent: those of the data plane. */
  readonly curves?: readonly TlsCurveIR[];
  /** What servers and clients sign with, by the names of RFC 8446; absent: those of OpenSSL. */
  readonly signatures?: readonly TlsSignatureIR[];
  /** HTTP/2 is not offered. */
  readonly withoutHttp2?: true;
}

export type TlsCurveIR = 'X25519' | 'prime256v1' | 'secp384r1' | 'secp521r1';

/** A certificate for one host name of a port; `host` may start with `*.` (one label) or `**.` (any number of labels). */
export interface SniCertificateIR {
  readonly host: string;
  readonly certificate: string;
}
