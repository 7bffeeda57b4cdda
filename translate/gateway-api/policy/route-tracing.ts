import type { BackendTrafficPolicySpec } from '@causeway/apis/envoy-gateway/backend-traffic-policy';
import type { FilterIR, SpanTagIR } from '@causeway/ir/gateway';
import { shareOf, tagsOf } from '../proxy/gateway-tracing.ts';
import type { Tell } from './tell.ts';

/** What takes the place of what the EnvoyProxy of the Gateway says of spans. */
export interface RouteTracing {
  readonly share?: number;
  readonly tags?: Readonly<Record<string, SpanTagIR>>;
}

type Tracing = NonNullable<NonNullable<BackendTrafficPolicySpec['telemetry']>['tracing']>;

/** Source: GW-45; Envoy Gateway v1.7, BackendTelemetry. */
export function routeTracingOf({ samplingFraction, customTags }: Tracing, tell: Tell): RouteTracing {
  return {
    ...(samplingFraction === undefined ? {} : { share: shareOf(samplingFraction) }),
    ...(customTags === undefined
      ? {}
      : { tags: tagsOf(customTags, (field, message) => tell(`telemetry.tracing.${field}`, message)) }),
  };
}

/** Where nobody takes spans there are none, whatever a policy says. */
export function withRouteTracing(filters: readonly FilterIR[], tracing: RouteTracing | undefined): readonly FilterIR[] {
  if (tracing === undefined) return filters;
  const { share, tags } = tracing;
  return filters.map((filter) => {
    if (filter.type !== 'tracing') return filter;
    return {
      ...filter,
      ...(share === undefined ? {} : { sampler: { share, followsParent: share > 0 } }),
      ...(tags === undefined ? {} : { attributes: { ...filter.attributes, tags } }),
    };
  });
}
