import type { TemplatePart } from './template.ts';

/** Sends a copy of the request elsewhere. LIM-10. */
export interface MirrorStep {
  readonly type: 'mirror';
  readonly secure: boolean;
  /** Name or address, IPv6 in brackets. */
  readonly host: string;
  readonly port: number;
  /** Path and query. */
  readonly path: readonly TemplatePart[];
  /** Absent: that of the request. */
  readonly hostHeader?: string;
  readonly body: boolean;
  /** Part of the requests, 0 to 1; absent: all. */
  readonly share?: number;
  /** Who says how TLS is spoken; the agent sends the copy then. */
  readonly tls?: string;
  /** It speaks HTTP/2: the agent sends the copy. */
  readonly http2?: true;
  /** The request may be a stream: it is copied if its client has said all soon. */
  readonly calls?: true;
}
