import type { TemplateIR } from './template.ts';

/** Whose requests are let in, by address of the client. */
export interface SourceRangeIR {
  readonly type: 'sourceRange';
  readonly ranges: AddressRangesIR;
}

/** Addresses and networks (CIDR). */
export interface AddressRangesIR {
  /** Empty: all. */
  readonly allow: readonly string[];
  /** Wins over `allow`. */
  readonly deny: readonly string[];
}

/** Asks for a name and a password (RFC 7617, RFC 7616). */
export interface PasswordAuthIR {
  readonly type: 'passwordAuth';
  readonly scheme: 'basic' | 'digest';
  readonly realm: string;
  /** `namespace/name` of the Secret that knows the users; read by whoever verifies. */
  readonly secret: string;
  readonly layout: SecretLayout;
  /** Addresses that need no password. */
  readonly exempt?: AddressRangesIR;
}

/** auth-file: lines of htpasswd under the key `auth`; htpasswd: the same under `.htpasswd`; auth-map: a key for each user. */
export type SecretLayout = 'auth-file' | 'auth-map' | 'htpasswd';

/** Asks another service whether a request may pass. Source: spec ALB-82 to ALB-90. */
export interface ForwardAuthIR {
  readonly type: 'forwardAuth';
  /** Answers are remembered for requests of this scope alone: `Rule ns/name`. */
  readonly scope: string;
  readonly scheme: 'http' | 'https';
  /** Name or address; may hold the variable `host`, no other. */
  readonly host: TemplateIR;
  readonly port: number;
  /** As {@link ServiceAddressIR.tls}; only with `original`. */
  readonly tls?: string;
  /** Path and query. */
  readonly target: TemplateIR;
  /** `''`: that of the request. */
  readonly method: string;
  /** The answer while the service cannot be asked; absent: 500. */
  readonly failedStatus?: number;
  /**
   * It is asked with the Host of the client, and told Authorization and these of its headers (lower case) alone; the
   * client gets each of its answers but 200.
   */
  readonly original?: { readonly headers: readonly string[] };
  /** Asked in the place of `host` and `port`, each as often. */
  readonly services?: readonly ServiceAddressIR[];
  /** For each of its answers; absent: 5 s. */
  readonly timeoutMs?: number;
  /** Requests pass while it cannot be asked. */
  readonly failOpen?: true;
  /** It gets the body too; a longer one is answered 413. */
  readonly bodyBytes?: number;
  /** Of a longer body it gets the beginning instead. */
  readonly cutsBody?: true;
  /** Set in the question, after those of its own. */
  readonly headers: readonly { readonly name: string; readonly value: TemplateIR }[];
  /** Headers of the answer that the backend gets; the client's are taken off, unless all of the answer are passed on. */
  readonly upstreamHeaders: readonly string[] | 'all';
  /** Where users are sent who have no session. */
  readonly signin?: SigninIR;
  /** Cookies of the answer reach the client whatever the backend said. */
  readonly alwaysSetCookie: boolean;
  readonly cache?: AuthCacheIR;
  readonly pool: AuthPoolIR;
  /** Addresses that are not asked about. */
  readonly exempt?: AddressRangesIR;
}

/** `name.namespace.svc`, or another name or address, see also {@link hostOfFamily}. */
export interface ServiceAddressIR {
  readonly host: string;
  readonly port: number;
  /**
   * Who says how TLS is spoken to it, read by whoever asks: `Service namespace/name 443`, of its BackendTLSPolicy, or
   * `Backend namespace/name`; absent: nobody.
   */
  readonly tls?: string;
  /** Absent: as usual. Only of those whom the agent asks for keys and tokens; of collectors CollectorIR says it. */
  readonly asking?: AskingIR;
}

/** How a service is asked. */
export interface AskingIR {
  /** Until there is a connection. */
  readonly connectMs?: number;
  /** Until there is all of the answer, each time. */
  readonly timeoutMs?: number;
  /** Asked again so often at most, after a failure or one of these statuses. */
  readonly retry?: {
    readonly times: number;
    readonly statuses: readonly number[];
    /** Before the first time; twice as long before each further one, `maxWaitMs` at most. */
    readonly waitMs: number;
    readonly maxWaitMs: number;
  };
}

export interface SigninIR {
  readonly url: TemplateIR;
  /** Query parameter that gets the original URL, unless the URL has it. */
  readonly parameter: string;
}

export interface AuthCacheIR {
  readonly key: TemplateIR;
  /** Of several with one status the first counts. */
  readonly durations: readonly { readonly statuses: readonly number[]; readonly seconds: number }[];
}

/** Connections to the service, per worker. */
export interface AuthPoolIR {
  /** At most; 0: as many as it takes. */
  readonly connections: number;
  readonly requests: number;
  readonly idleSeconds: number;
}

/** What was asked for cannot be given: nobody gets through. */
export interface RefuseIR {
  readonly type: 'refuse';
  readonly status: number;
  readonly reason: string;
}
