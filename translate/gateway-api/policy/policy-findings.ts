import type { BackendTrafficPolicySpec } from '@causeway/apis/envoy-gateway/backend-traffic-policy';
import type { Gateway } from '@causeway/resources/kinds';
import type { View } from '@causeway/resources/view';
import { mergedClassOf } from '../class/merged-class.ts';
import { translateBackendTrafficPolicy } from './backend-traffic-policy.ts';
import { translateClientTrafficPolicy } from './client-traffic-policy.ts';
import type { Policy, PolicyKind } from './policy-kind.ts';
import { isMerging, policyOf } from './precedence.ts';
import { providerProblems } from './provider-problem.ts';
import { translateSecurityPolicy } from './security-policy.ts';
import { streamProblems } from './stream-access.ts';

/** What is to be said of a policy, whatever it is for. */
export interface PolicyFindings {
  readonly problems: readonly string[];
  readonly deprecated: readonly string[];
}

/** Kinds of targets at which policies have an effect. */
const SERVED_TARGETS: readonly string[] = ['Gateway', 'HTTPRoute', 'GRPCRoute'];
const STREAMS: readonly string[] = ['TCPRoute', 'TLSRoute', 'UDPRoute'];

/** What a policy is for, and at which Gateway. */
export interface FindingPlace {
  readonly targetKind: string;
  /** Of the target; absent: all of it. */
  readonly section: string | undefined;
  readonly gateway: Gateway;
  /** That a route names; absent: those that take it. */
  readonly listener: string | undefined;
}

export function findingsOf(view: View, kind: PolicyKind, policy: Policy, place: FindingPlace): PolicyFindings {
  const { problems, deprecated } = ofPolicy(view, kind, policy, place);
  return {
    problems: [...problemsAt(kind, policy, place.targetKind), ...ofClients(view, policy, place), ...problems],
    deprecated,
  };
}

/** Who the client is can be said for a whole data plane alone. */
function ofClients(view: View, { spec }: Policy, { section, gateway }: FindingPlace): readonly string[] {
  const isSaid = 'clientIPDetection' in spec && spec.clientIPDetection !== undefined;
  if (!isSaid) return [];
  if (section !== undefined) return ['spec.clientIPDetection: only for a whole Gateway'];
  return mergedClassOf(view, gateway) === undefined
    ? []
    : ['spec.clientIPDetection: not where Gateways share a data plane (mergeGateways)'];
}

function problemsAt(kind: PolicyKind, policy: Policy, target: string): readonly string[] {
  if (kind === 'SecurityPolicy' && target === 'TCPRoute') return streamProblems(policy as Policy<'SecurityPolicy'>);
  if (kind !== 'BackendTrafficPolicy') {
    return SERVED_TARGETS.includes(target) ? [] : [`no ${kind} is served for a ${target}`];
  }
  const { spec } = policy as Policy<'BackendTrafficPolicy'>;
  if (!STREAMS.includes(target)) return [];
  const served = [
    ...['targetRef', 'targetRefs', 'targetSelectors', 'mergeType', 'settings', 'timeout', 'loadBalancer', 'dns'],
    ...(target === 'TCPRoute' ? ['proxyProtocol', 'circuitBreaker'] : []),
    ...(target === 'UDPRoute' ? [] : ['healthCheck']),
  ];
  const unserved = Object.keys(spec).filter((field) => !served.includes(field));
  const type = spec.loadBalancer?.consistentHash?.type;
  return [
    ...unserved.map((field) => `spec.${field}: not served for a ${target}`),
    ...partsOfStreams(spec, target).map((field) => `spec.${field}: not served for a ${target}`),
    ...(type === undefined || type === 'SourceIP'
      ? []
      : [`spec.loadBalancer.consistentHash.type: ${type} is not served for a ${target}, only SourceIP`]),
  ];
}

/** What of fields that streams know is about requests. */
function partsOfStreams(
  { healthCheck, circuitBreaker, timeout, loadBalancer }: BackendTrafficPolicySpec,
  target: string,
): readonly string[] {
  const breakers = target === 'TCPRoute' ? Object.keys(circuitBreaker ?? {}) : [];
  return [
    ...(target !== 'UDPRoute' && healthCheck?.passive !== undefined ? ['healthCheck.passive'] : []),
    ...breakers.filter((field) => field !== 'maxConnections').map((field) => `circuitBreaker.${field}`),
    ...(timeout?.http === undefined ? [] : ['timeout.http']),
    ...(loadBalancer?.type === 'LeastRequest' ? ['loadBalancer.type LeastRequest'] : []),
    ...(loadBalancer?.slowStart === undefined ? [] : ['loadBalancer.slowStart']),
  ];
}

function ofPolicy(
  view: View,
  kind: PolicyKind,
  policy: Policy,
  { targetKind, gateway, listener }: FindingPlace,
): PolicyFindings {
  switch (kind) {
    case 'SecurityPolicy': {
      const { filters, problems } = translateSecurityPolicy(
        view,
        policy as Policy<'SecurityPolicy'>,
        targetKind !== 'Gateway' && isMerging(policy)
          ? policyOf(view, kind, [{ object: gateway, section: listener }, { object: gateway }])
          : undefined,
      );
      return { problems: [...problems, ...providerProblems(view, filters, gateway)], deprecated: [] };
    }
    case 'BackendTrafficPolicy':
      return translateBackendTrafficPolicy(view, policy as Policy<'BackendTrafficPolicy'>, { gateway, scope: '' });
    case 'ClientTrafficPolicy':
      return translateClientTrafficPolicy(view, policy as Policy<'ClientTrafficPolicy'>);
  }
}
