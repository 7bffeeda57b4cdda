/** A span of a request, with everything but the form in which collectors get it. */
import type { SpanRecord } from '@causeway/dataplane/policy/record';
import { parseEndpointSetId, type RouteSourceIR, type TracingIR } from '@causeway/ir/gateway';

export interface TracedRequest {
  readonly record: SpanRecord;
  readonly attributes: Readonly<Record<string, string | number>>;
  /** The backend failed. */
  readonly failed: boolean;
}

/** Whose request it was. */
export interface TracedRoute {
  readonly name: string;
  readonly source: RouteSourceIR;
  readonly attributes: TracingIR['attributes'];
  /** Id of the endpoint set that the upstream is of. */
  readonly endpointSet: string | undefined;
}

const FAILED = 500;

/** Attributes and status of a span. Source: spec ALB-101. */
export function tracedRequest(record: SpanRecord, route: TracedRoute): TracedRequest {
  const status = record.upstreamStatus ?? record.status;
  const attributes: Record<string, string | number> = {
    'net.host.name': record.host,
    'http.request.method': record.method,
    'http.scheme': record.scheme,
    'http.target': record.target,
    'http.user_agent': record.userAgent,
    'http.status_code': status,
    'http.request.resend_count': Math.max(0, record.attempts - 1),
    'alb.rule.rule_name': route.name,
    'alb.rule.source_type': route.source.type,
    'alb.rule.source_name': route.source.name,
    'alb.rule.source_ns': route.source.namespace,
  };
  if (route.attributes.upstream && record.upstream !== undefined) {
    attributes['alb.upstream.peer'] = record.upstream;
    if (route.endpointSet !== undefined) {
      const { namespace, service } = parseEndpointSetId(route.endpointSet);
      attributes['alb.upstream.svc_name'] = service;
      attributes['alb.upstream.svc_ns'] = namespace;
    }
  }
  for (const [name, value] of Object.entries(record.requestHeaders ?? {})) {
    attributes[`http.request.header.${name}`] = value;
  }
  for (const [name, value] of Object.entries(record.responseHeaders ?? {})) {
    attributes[`http.response.header.${name}`] = value;
  }
  for (const [name, tag] of Object.entries(route.attributes.tags ?? {})) {
    const value = 'value' in tag ? tag.value : (record.tagged?.[tag.header] ?? tag.otherwise);
    if (value !== undefined) attributes[name] = value;
  }
  return { record, attributes, failed: status >= FAILED };
}
