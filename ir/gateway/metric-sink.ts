import type { CollectorIR } from './collector.ts';

/** Who is sent the metrics of a data plane now and then, by OTLP. */
export interface MetricSinkIR {
  readonly collector: CollectorIR;
  /** Attributes of all of them, beside those that name the data plane. */
  readonly resource: Readonly<Record<string, string>>;
  /** These say what came since the last time, others what came since the begin. */
  readonly deltas: { readonly counters: boolean; readonly histograms: boolean };
}
