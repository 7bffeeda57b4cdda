import type { FactMap, FactName } from './kinds.ts';

/**
 * Reports whether two states of an object mean the same to every translator.
 *
 * `resourceVersion`, `managedFields` and `generation` never count. Status
 * counts only where a translator reads it, so that our own status writes start
 * nothing:
 *
 * | kind | status that counts |
 * |---|---|
 * | ALB2 | `detail.address` (goes into Ingress status) |
 * | IngressNginx | `addresses` (go into Ingress status) |
 * | Instance | `node`, `ready`, `message`, `warnings`, `address`, `furtherAddresses`, `ports`, `observedGeneration`, `observedParts`, `providers` (go into status of ALB2, Frontend, Gateway and SecurityPolicy) |
 * | Service | `loadBalancer` (addresses of an ALB) |
 * | Deployment | `replicas`, `readyReplicas`, `updatedReplicas` (state of an ALB on a cluster) |
 * | DaemonSet | `numberReady` |
 * | Node | `addresses` (of Gateways that are reached at ports of nodes) |
 * | others | none |
 */
export function sameMeaning<K extends FactName>(kind: K, a: FactMap[K], b: FactMap[K]): boolean {
  if (a === b) return true;
  const before: Readonly<Record<string, unknown>> = { ...a, metadata: undefined, status: undefined };
  const after: Readonly<Record<string, unknown>> = { ...b, metadata: undefined, status: undefined };
  return (
    deepEqual(before, after) &&
    deepEqual(metadataMeaning(a.metadata), metadataMeaning(b.metadata)) &&
    deepEqual(statusMeaning(kind, a), statusMeaning(kind, b))
  );
}

function metadataMeaning(metadata: object): unknown {
  return { ...metadata, resourceVersion: undefined, managedFields: undefined, generation: undefined };
}

function statusMeaning(kind: FactName, object: FactMap[FactName]): unknown {
  switch (kind) {
    case 'ALB2':
      return (object as FactMap['ALB2']).status?.detail?.address;
    case 'IngressNginx':
      return (object as FactMap['IngressNginx']).status?.addresses;
    case 'Instance': {
      const status = (object as FactMap['Instance']).status;
      const { node, ready, message, warnings, address, furtherAddresses, ports } = status ?? {};
      const { observedGeneration, observedParts, providers } = status ?? {};
      return {
        ...{ node, ready, message, warnings, address, furtherAddresses, ports },
        ...{ observedGeneration, observedParts, providers },
      };
    }
    case 'Deployment': {
      const { replicas, readyReplicas, updatedReplicas } = (object as FactMap['Deployment']).status ?? {};
      return { replicas, readyReplicas, updatedReplicas };
    }
    case 'DaemonSet':
      return (object as FactMap['DaemonSet']).status?.numberReady;
    case 'Node':
      return (object as FactMap['Node']).status?.addresses;
    case 'Service':
      return (object as FactMap['Service']).status?.loadBalancer;
    default:
      return undefined;
  }
}

/** Equality of JSON values; a key whose value is undefined counts as absent. */
function deepEqual(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) || Array.isArray(b)) {
    return (
      Array.isArray(a) &&
      Array.isArray(b) &&
      a.length === b.length &&
      a.every((item, index) => deepEqual(item, b[index] as unknown))
    );
  }
  const left = a as Readonly<Record<string, unknown>>;
  const right = b as Readonly<Record<string, unknown>>;
  for (const key in left) {
    if (!deepEqual(left[key], right[key])) return false;
  }
  for (const key in right) {
    if (right[key] !== undefined && left[key] === undefined) return false;
  }
  return true;
}
