import type { IngressFeature } from './ingress-feature.ts';

/** The JSON object wins over the switch; whom to trust is apart from both, so that it does not enable. Source: spec ALB-101. */
export const TRACING_FEATURE: IngressFeature = {
  annotations: [
    'enable-opentelemetry',
    'opentelemetry-trust-incoming-span',
    'opentelemetry-trust-incoming-spans',
    'opentelemetry-operation-name',
    'otel',
  ],
  byPath: [],
  translate: (read) => {
    const enable = read.value('enable-opentelemetry');
    const otel = read.value('otel') ?? (enable === undefined ? undefined : { enable });
    const trust = read.value('opentelemetry-trust-incoming-span') ?? read.value('opentelemetry-trust-incoming-spans');
    const spanName = read.value('opentelemetry-operation-name');
    return {
      config: {
        ...(otel === undefined ? {} : { otel }),
        ...(trust === undefined ? {} : { trustIncomingSpan: trust }),
        ...(spanName === undefined ? {} : { spanName }),
      },
    };
  },
};
