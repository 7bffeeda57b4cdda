import type { GRPCRouteMatch } from '@causeway/apis/gateway-api/grpc-route';
import type { TermIR } from '@causeway/ir/gateway';
import { headerTerms, valueTest } from './http-match.ts';
import type { GrpcMatchRank } from './route-order.ts';

interface TranslatedGrpcMatch {
  /** Beside that on the host. */
  readonly terms: readonly TermIR[];
  readonly rank: GrpcMatchRank;
}

/** One element of a path. */
const ANY_NAME = '[^/]+';

/**
 * One match of a rule of a GRPCRoute -> terms: a method is called by the path `/SERVICE/METHOD`. Regular expressions are for the whole
 * name.
 *
 * Source: GW-29; gRPC over HTTP/2, "Requests".
 *
 * @returns a text that says what is wrong, with the field
 */
export function translateGrpcMatch({
  method: wanted = {},
  headers = [],
}: GRPCRouteMatch): TranslatedGrpcMatch | string {
  const { type = 'Exact', service = '', method = '' } = wanted;
  const ofMethod = type === 'Exact' ? exactTerms(service, method) : patternTerms(service, method);
  if (typeof ofMethod === 'string') return ofMethod;
  const ofHeaders = headerTerms(headers);
  if (typeof ofHeaders === 'string') return ofHeaders;
  const rankOf = (name: string): number => (name === '' ? 0 : type === 'Exact' ? 1 + name.length : 1);
  return {
    terms: [...ofMethod, ...ofHeaders],
    rank: { service: rankOf(service), method: rankOf(method), headers: ofHeaders.length },
  };
}

/** Names are of letters, digits, dots and underscores. */
function exactTerms(service: string, method: string): readonly TermIR[] | string {
  if (service === '' && method === '') return [];
  if (service === '') return patternTerms('', method.replaceAll('.', '\\.'));
  const test = method === '' ? ({ op: 'prefix', value: `/${service}/` } as const) : equal(`/${service}/${method}`);
  return [{ subject: 'path', tests: [test] }];
}

function equal(value: string): { readonly op: 'equal'; readonly value: string } {
  return { op: 'equal', value };
}

function patternTerms(service: string, method: string): readonly TermIR[] | string {
  if (service === '' && method === '') return [];
  for (const [field, pattern] of Object.entries({ service, method })) {
    const test = valueTest('RegularExpression', pattern);
    if (typeof test === 'string') return `method.${field}: ${test}`;
  }
  const test = valueTest('RegularExpression', `/(?:${service || ANY_NAME})/(?:${method || ANY_NAME})`);
  return typeof test === 'string' ? `method: ${test}` : [{ subject: 'path', tests: [test] }];
}
