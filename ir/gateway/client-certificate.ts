import type { MatchIR } from './match.ts';
import type { TemplateIR } from './template.ts';
import type { TextTestIR } from './text-test.ts';

/** What holds for TLS connections with clients that ask for a host. */
export interface HostTlsIR {
  readonly client?: ClientPolicyIR;
  readonly ciphers?: CiphersIR;
}

/** Which certificate a client must show. */
export type ClientPolicyIR =
  /** None, whatever holds for other hosts. */
  | { readonly verify: 'off' }
  /** What was asked for cannot be given: nobody gets through. */
  | { readonly verify: 'closed'; readonly status: number; readonly reason: string }
  | VerifyClientIR;

export interface VerifyClientIR {
  /**
   * on: a good one; optional: a good one or none; optional_no_ca: the same, but it may come from an authority that nobody
   * knows; optional_insecure: any or none. Backends are told.
   */
  readonly verify: 'on' | 'optional' | 'optional_no_ca' | 'optional_insecure';
  /** With verify on: connections without a good one do not come about; otherwise their requests are answered. */
  readonly inHandshake?: true;
  /** The Secret or ConfigMap that {@link caPem} is of, `Kind namespace/name`, for explanations. */
  readonly authorities: string;
  /** PEM of the authorities; at least one. */
  readonly caPem: string;
  /** PEM; certificates of every authority are then looked up in it. */
  readonly crlPem?: string;
  /** That of the client alone is. */
  readonly crlOfLeafAlone?: true;
  /** Which of the good certificates are right; absent: all. */
  readonly identity?: CertificateIdentityIR;
  /** Authorities between that of {@link caPem} and the client at most. */
  readonly depth: number;
  /** Where clients are sent that are refused; absent: 400. */
  readonly errorPage?: TemplateIR;
  /** Regular expression for the common name; others are answered 403. */
  readonly commonName?: string;
  /** The certificate itself goes to the backend. */
  readonly passCertificate: boolean;
}

/** Where both lists have something, a certificate must fit one of each. */
export interface CertificateIdentityIR {
  /** Alternative names, an otherName by the number of its kind; those of hosts and addresses are compared in lower case. */
  readonly names: readonly {
    readonly of: 'dns' | 'email' | 'ip' | 'uri' | `oid:${string}`;
    readonly test: TextTestIR;
  }[];
  readonly hashes: readonly {
    /** key: of its SubjectPublicKeyInfo. */
    readonly of: 'certificate' | 'key';
    /** Hexadecimal digits, lower case. */
    readonly sha256: string;
  }[];
}

/** What the policy of its host asks of the client of a request, and what the backend is told about it. */
export interface ClientCertificateIR {
  readonly type: 'clientCertificate';
  readonly policy: ClientPolicyIR;
}

/** For TLS 1.2; absent fields are those of the data plane. */
export interface CiphersIR {
  /** OpenSSL cipher list. */
  readonly list?: string;
  /** Whose order counts. */
  readonly preferServer?: boolean;
}

/**
 * The hosts that a match is for: names, `*.a.com` for one label before `.a.com`, `.a.com` for any number of them, `''` for
 * every host.
 *
 * @returns undefined when they cannot be told
 */
export function hostsOf(match: MatchIR): readonly string[] | undefined {
  const term = match.find(({ subject }) => subject === 'host');
  if (term === undefined) return [''];
  const hosts: string[] = [];
  for (const test of term.tests) {
    if (test.op === 'equal') hosts.push(test.value);
    else if (test.op === 'in') hosts.push(...test.values);
    else if (test.op === 'hostSuffix') hosts.push(test.labels === 'one' ? `*${test.value}` : test.value);
    else return undefined;
  }
  return hosts;
}
