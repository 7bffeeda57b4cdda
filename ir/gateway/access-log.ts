import type { CollectorIR } from './collector.ts';

/** Lines about requests with fields that the user chose. */
export interface AccessLogIR {
  readonly type: 'accessLog';
  readonly lines: readonly LogLineIR[];
}

export interface LogLineIR {
  readonly format: LogFormatIR;
  /** One of them must hold; empty: every request has the line. */
  readonly matches: readonly LogConditionIR[];
  /** Names of files in the directory of logs; `access.log` is what pods write to their standard output. */
  readonly files: readonly string[];
  /** Collectors; absent: none. */
  readonly sinks?: readonly LogSinkIR[];
}

/** Who takes lines, by gRPC. */
export type LogSinkIR =
  | {
      readonly type: 'openTelemetry';
      readonly collector: CollectorIR;
      /** Attributes of all lines, beside those that name the data plane. */
      readonly resource: Readonly<Record<string, string>>;
    }
  | {
      /** Access log service of Envoy: what is told of a request is the same whatever the format says. */
      readonly type: 'als';
      readonly collector: CollectorIR;
      readonly logName: string;
      /** Names in lower case. */
      readonly requestHeaders: readonly string[];
      readonly responseHeaders: readonly string[];
    };

export type LogFormatIR =
  | { readonly type: 'text'; readonly text: LogTextIR }
  | { readonly type: 'json'; readonly fields: Readonly<Record<string, LogTextIR>> };

/** Put together of fixed texts and of what a request says. */
export type LogTextIR = readonly (string | LogOperatorIR)[];

export interface LogOperatorIR {
  /** The first that there is counts. */
  readonly values: readonly LogValueIR[];
  /** Characters at most; absent: all. */
  readonly length?: number;
}

/**
 * `request:<header>` and `response:<header>` have names in lower case; `peer`, `client` and `local` are `address:port` of who is connected, who
 * asked, and where.
 */
export type LogValueIR =
  | `request:${string}`
  | `response:${string}`
  | 'attempts'
  | 'bytesReceived'
  | 'bytesSent'
  | 'client'
  | 'clientAddress'
  | 'connection'
  | 'details'
  | 'durationMs'
  | 'flags'
  | 'host'
  | 'hostname'
  | 'local'
  | 'localAddress'
  | 'localPort'
  | 'method'
  | 'path'
  | 'peer'
  | 'peerAddress'
  | 'protocol'
  | 'requestId'
  | 'routeName'
  | 'scheme'
  | 'serverName'
  | 'status'
  | 'target'
  | 'time'
  | 'tlsCipher'
  | 'tlsVersion'
  | 'upstream';

/** What a request must be for a line. */
export type LogConditionIR =
  | { readonly type: 'and' | 'or'; readonly of: readonly LogConditionIR[] }
  | { readonly type: 'not'; readonly of: LogConditionIR }
  | { readonly type: 'present'; readonly value: LogValueIR }
  | {
      readonly type: 'compare';
      readonly value: LogValueIR;
      readonly operator: '==' | '!=' | '<' | '<=' | '>' | '>=' | 'startsWith' | 'endsWith' | 'contains';
      readonly with: string | number;
    };
