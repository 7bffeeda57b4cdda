import type { ServiceGroup } from '@causeway/apis/gateway/service-group';
import {
  type BackendIR,
  type BackendProtocol,
  endpointSetId,
  type FilterIR,
  type RespondIR,
  type RouteActionIR,
} from '@causeway/ir/gateway';
import { translateAffinity } from './affinity.ts';
import type { Forwarding } from './forwarding.ts';
import type { Need, Problem } from './problem.ts';

/** ALB-61: all weights 0, or nothing to choose from. */
const NO_PEER: RespondIR = { type: 'respond', status: 500, reason: 'InvalidBalancer : no peer' };

export interface ServiceGroupTranslation {
  readonly action: RouteActionIR;
  readonly needs: readonly Need[];
  readonly problems: readonly Problem[];
}

/**
 * serviceGroup of a Frontend or Rule -> action. Endpoints are not looked at: they have a translation of their own, so
 * that a new endpoint changes no route.
 *
 * @param object the object that holds the group, for problems
 */
export function translateServiceGroup(options: {
  readonly object: Problem['object'];
  readonly group: ServiceGroup;
  readonly backendProtocol: string | undefined;
  readonly forwarding: Forwarding;
  /** Count endpoints of other clusters too (ALB-60). */
  readonly otherClusters: boolean;
}): ServiceGroupTranslation {
  const { object, group, otherClusters } = options;
  const { tls, tlsRefused, clusterIp = false, ...forwarding } = options.forwarding;
  const protocol = backendProtocol(options.backendProtocol);
  if (protocol === undefined) {
    const message = `spec.backendProtocol: Unsupported value: ${JSON.stringify(options.backendProtocol)}; requests are answered 500`;
    return {
      action: { type: 'respond', status: 500, reason: `InvalidUpstream : backend protocol ${options.backendProtocol}` },
      needs: [],
      problems: [{ object, reason: 'InvalidField', message, severity: 'Warning' }],
    };
  }
  const speaksTls = protocol === 'https' || protocol === 'grpcs';
  if (speaksTls && tlsRefused !== undefined) {
    return { action: { type: 'respond', status: 503, reason: tlsRefused }, needs: [], problems: [] };
  }
  const transport = protocol === 'udp' ? 'udp' : 'tcp';
  const backends = (group.services ?? []).map(
    ({ name, ...service }): BackendIR & { readonly target: { readonly id: string } } => ({
      weight: Math.min(100, Math.max(0, service.weight ?? 100)),
      protocol,
      ...(speaksTls && tls !== undefined ? { tls } : {}),
      filters: [] as readonly FilterIR[],
      target: {
        type: 'endpoints',
        id: endpointSetId({ ...service, service: name, transport, otherClusters, clusterIp }),
      },
    }),
  );
  const affinity = translateAffinity(group);
  if (typeof affinity === 'string') {
    const message = `spec.serviceGroup.${affinity}; requests are answered 500`;
    return {
      action: { type: 'respond', status: 500, reason: `UnknowStickyPolicy : ${affinity}` },
      needs: [],
      problems: [{ object, reason: 'InvalidField', message, severity: 'Warning' }],
    };
  }
  if (!backends.some((backend) => backend.weight > 0)) return { action: NO_PEER, needs: [], problems: [] };
  const ids = [...new Set(backends.map((backend) => backend.target.id))];
  return {
    action: {
      type: 'forward',
      backends,
      noEndpoints: {
        type: 'respond',
        status: 500,
        reason: `InvalidBalancer : no balancer found for ${ids.join(', ')}`,
      },
      affinity,
      ...forwarding,
    },
    needs: ids.sort().map((id) => ({ kind: 'endpointSet', id })),
    problems: [],
  };
}

/** Case-insensitive; empty means http (spec ALB 2.2, 2.3). Users cannot say tcp or udp: the Frontend does. */
function backendProtocol(text: string | undefined): BackendProtocol | undefined {
  switch ((text ?? '').toLowerCase()) {
    case '':
    case 'http':
      return 'http';
    case 'https':
      return 'https';
    case 'grpc':
      return 'grpc';
    case 'grpcs':
      return 'grpcs';
    case 'tcp':
      return 'tcp';
    case 'udp':
      return 'udp';
    default:
      return undefined;
  }
}
