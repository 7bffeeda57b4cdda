import type { CollectorIR } from './collector.ts';
import type { OperatorTextIR, RequestValueIR } from './operator.ts';

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
  | { readonly type: 'text'; readonly text: OperatorTextIR }
  | { readonly type: 'json'; readonly fields: Readonly<Record<string, OperatorTextIR>> };

/** What a request must be for a line. */
export type LogConditionIR =
  | { readonly type: 'and' | 'or'; readonly of: readonly LogConditionIR[] }
  | { readonly type: 'not'; readonly of: LogConditionIR }
  | { readonly type: 'present'; readonly value: RequestValueIR }
  | {
      readonly type: 'compare';
      readonly value: RequestValueIR;
      readonly operator: '==' | '!=' | '<' | '<=' | '>' | '>=' | 'startsWith' | 'endsWith' | 'contains';
      readonly with: string | number;
    };
