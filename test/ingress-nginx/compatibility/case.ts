import type { Answer, Ask } from '../../acceptance/http-request.ts';
import type { CompatibilityBench } from './bench.ts';

/**
 * What ingress-nginx does with an annotation, told in our own words after its documentation and what its end-to-end tests expect: a
 * manifest, requests, and the answers. Each case has a host of its own and Service `app` behind `/`, unless it says otherwise.
 */
export interface CompatibilityCase {
  /** The annotations whose behaviour it shows, without prefix. */
  readonly of: readonly string[];
  /** What ingress-nginx does, in a sentence without subject. */
  readonly does: string;
  /**
   * Of the Ingress. In values `{host}` stands for the host, `{namespace}` for the namespace, `{auth}` for address and port of the
   * authentication service of {@link CompatibilityBench}, `{mirror}` for those of the mirror.
   */
  readonly annotations?: Readonly<Record<string, string>>;
  readonly paths?: readonly CasePath[];
  /** The host has TLS, with the certificate of this Secret; `true`: with the default one. */
  readonly tls?: true | string;
  /** Further Ingresses of the same host. */
  readonly beside?: readonly CaseIngress[];
  /** Further objects. */
  readonly objects?: readonly object[];
  readonly requests?: readonly Exchange[];
  /** What requests and answers alone cannot say. @throws when it is not so */
  readonly check?: (bench: CompatibilityBench, host: string) => Promise<void>;
  /** What is other here, and why; the case must fail then. */
  readonly deviates?: string;
}

export interface CaseIngress {
  readonly annotations?: Readonly<Record<string, string>>;
  readonly paths?: readonly CasePath[];
}

export interface CasePath {
  readonly path: string;
  readonly pathType?: 'Exact' | 'Prefix' | 'ImplementationSpecific';
  readonly service?: string;
}

/** A request and what must be true of its answer; what is not named may be anything. */
export interface Exchange {
  readonly path?: string;
  readonly send?: Omit<Ask, 'host'> & { readonly host?: string };
  /** By TLS, with the host as SNI. */
  readonly tls?: true;
  /** Default 200. */
  readonly status?: number;
  /** Of the answer; `''`: absent, a pattern: matches. */
  readonly headers?: Readonly<Record<string, string | RegExp>>;
  /** Of the request as the backend got it; `''`: absent. */
  readonly seen?: Readonly<Record<string, string | RegExp>>;
  /** Path and query as the backend got them. */
  readonly url?: string;
  /** Name of the backend that answered. */
  readonly backend?: string;
  readonly body?: RegExp;
}

/** A mistake in what was expected, with what came instead. */
export class Unlike extends Error {
  override readonly name = 'Unlike';

  constructor(what: string, wanted: unknown, answer: Answer) {
    super(`${what}: wanted ${String(wanted)}, got ${answer.status} ${JSON.stringify(answer.headers)} ${answer.body}`);
  }
}
