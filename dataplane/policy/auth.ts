/** Steps that decide whether a request gets through. */
import type { AddressRanges } from './address-ranges.ts';
import type { TemplatePart } from './template.ts';

export interface RefuseStep {
  readonly type: 'refuse';
  readonly status: number;
  readonly reason: string;
}

export interface SourceRangeStep {
  readonly type: 'sourceRange';
  readonly ranges: AddressRanges;
}

/** A name and a password, which the agent verifies. */
export interface PasswordAuthStep {
  readonly type: 'passwordAuth';
  readonly scheme: 'basic' | 'digest';
  readonly realm: string;
  /** Value of WWW-Authenticate with `basic`. */
  readonly challenge: string;
  /** `namespace/name` of the Secret. */
  readonly secret: string;
  readonly layout: 'auth-file' | 'auth-map' | 'htpasswd';
  /** Addresses that need no password. */
  readonly exempt?: AddressRanges;
}

/** Another service is asked. */
export interface ForwardAuthStep {
  readonly type: 'forwardAuth';
  /** Hash of the other fields: what is remembered of answers belongs to it. */
  readonly id: string;
  readonly secure: boolean;
  readonly host: readonly TemplatePart[];
  readonly port: number;
  /** Who says how TLS is spoken to it, and whom it must prove to be; absent: as `secure` says. */
  readonly tls?: string;
  readonly target: readonly TemplatePart[];
  /** `''`: that of the request. */
  readonly method: string;
  /** Absent: 500. */
  readonly failedStatus?: number;
  readonly headers: readonly { readonly name: string; readonly value: readonly TemplatePart[] }[];
  readonly upstreamHeaders: readonly string[] | 'all';
  /** Names in lower case; the request is told as the client sent it, and answers other than 200 are the client's. */
  readonly original?: { readonly headers: readonly string[] };
  /** One of these is asked in the place of host and port. */
  readonly services?: readonly { readonly host: string; readonly port: number; readonly tls?: string }[];
  /** Absent: 5 s. */
  readonly timeoutMs?: number;
  readonly failOpen?: true;
  /** The body is told up to so many bytes. */
  readonly bodyBytes?: number;
  /** Of a longer body the beginning is told. */
  readonly cutsBody?: true;
  readonly signin?: { readonly url: readonly TemplatePart[]; readonly parameter: string };
  readonly alwaysSetCookie: boolean;
  readonly cache?: {
    readonly key: readonly TemplatePart[];
    /** Seconds by status, as text. */
    readonly seconds: Readonly<Record<string, number>>;
  };
  /** 0: no limit. */
  readonly connections: number;
  readonly requestsPerConnection: number;
  readonly idleSeconds: number;
  readonly exempt?: AddressRanges;
}
