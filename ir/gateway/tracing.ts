import type { CollectorIR } from './collector.ts';
import type { TemplateIR } from './template.ts';

/** Requests become spans of traces, by OpenTelemetry. */
export interface TracingIR {
  readonly type: 'tracing';
  readonly sampler: SamplerIR;
  /** The trace that a request is in goes on; else every request begins one. */
  readonly trustIncoming: boolean;
  /** Name of the spans. */
  readonly name: TemplateIR;
  /** Which attributes spans have beside the usual ones. */
  readonly attributes: {
    readonly upstream: boolean;
    readonly requestHeaders: boolean;
    readonly responseHeaders: boolean;
    /** Further ones, by name; absent: none. */
    readonly tags?: Readonly<Record<string, SpanTagIR>>;
  };
  readonly export: SpanExportIR;
}

/** Value of an attribute: the same for all, or that of a header of the request. */
export type SpanTagIR =
  | { readonly value: string }
  | {
      /** In lower case. */
      readonly header: string;
      /** Where there is none; absent: the attribute is left out. */
      readonly otherwise?: string;
    };

/** Which requests become spans. */
export interface SamplerIR {
  /** Share of the trace ids, 0 to 1. */
  readonly share: number;
  /** A request that is in a trace already follows it, whatever the share. */
  readonly followsParent: boolean;
}

/** Where spans go. */
export interface SpanExportIR {
  readonly collector: CollectorIR | CollectorUrlIR;
  /** Spans waiting at most. */
  readonly queue: number;
  readonly flushMs: number;
  /** Attributes of all of them, beside those that name the data plane. */
  readonly resource: Readonly<Record<string, string>>;
}

/** A collector of which nobody says what its certificate must be. */
export interface CollectorUrlIR {
  /** http or https. */
  readonly url: string;
  readonly protocol: 'http' | 'grpc';
  readonly timeoutMs: number;
}
