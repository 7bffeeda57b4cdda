/**
 * What an HTTPRoute hangs together with: its Gateways, with the ListenerSets between them, the policies in force for it or for those, and the objects that all of them name.
 *
 * Source: GW-47.
 */
import { type KubernetesObject, keyOf, type ObjectKey, objectKeyText } from '@causeway/apis/meta/object';
import type { KindName } from '@causeway/resources/kinds';
import type { View } from '@causeway/resources/view';
import { POLICY_KINDS } from '@causeway/translate/gateway-api/policy/policy-kind';
import { policiesFor } from '@causeway/translate/gateway-api/policy/precedence';
import { parentsOf } from '@causeway/translate/gateway-api/route/attachment';
import { type NamedObject, objectsNamedIn } from './named-objects.ts';

export interface Topology {
  /** The route first, each object once. */
  readonly nodes: readonly TopologyNode[];
  readonly edges: readonly TopologyEdge[];
}

export interface TopologyNode {
  /** `Service default/web`. */
  readonly id: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  /** unknown: whoever asks may not see it. */
  readonly state: 'present' | 'missing' | 'unknown';
}

export interface TopologyEdge {
  readonly from: string;
  readonly to: string;
  /** parent: is attached to it; policy: is changed by it; needs: names it. */
  readonly type: 'parent' | 'policy' | 'needs';
}

/** Whether there is a Secret. */
export type SecretState = (key: ObjectKey) => TopologyNode['state'];

/** By what BackendTLSPolicies are found, by kind of their targets. */
const TLS_POLICY_INDEX: Readonly<Record<string, 'service' | 'backendObject'>> = {
  Service: 'service',
  Backend: 'backendObject',
};

/** @returns undefined when there is no such route */
export function topologyOf(view: View, key: ObjectKey, secretState: SecretState): Topology | undefined {
  const route = view.get('HTTPRoute', key);
  if (route === undefined) return undefined;
  const nodes = new Map<string, TopologyNode>();
  const edges = new Map<string, TopologyEdge>();
  const link = (from: string, object: NamedObject, type: TopologyEdge['type']): string => {
    const node = nodeOf(view, object, secretState);
    if (!nodes.has(node.id)) nodes.set(node.id, node);
    edges.set(`${from} ${node.id}`, { from, to: node.id, type });
    return node.id;
  };
  const root = nodeOf(view, namedAs(route), secretState);
  nodes.set(root.id, root);
  const needs = (id: string, object: KubernetesObject & { readonly spec?: unknown }): void => {
    for (const named of objectsNamedIn(object.spec, keyOf(object).namespace)) {
      const needed = link(id, named, 'needs');
      const index = TLS_POLICY_INDEX[named.kind];
      if (index === undefined) continue;
      for (const policy of view.by('BackendTLSPolicy', index, objectKeyText(named))) {
        const ofService = link(needed, namedAs(policy), 'policy');
        for (const each of objectsNamedIn(policy.spec, keyOf(policy).namespace)) link(ofService, each, 'needs');
      }
    }
  };
  needs(root.id, route);
  const gateways = new Map<string, KubernetesObject>();
  for (const { gateway, listenerSet } of parentsOf(view, route)) {
    const below = listenerSet === undefined ? root.id : link(root.id, namedAs(listenerSet), 'parent');
    gateways.set(link(below, namedAs(gateway), 'parent'), gateway);
  }
  for (const { kind = 'Gateway', namespace = key.namespace, name } of route.spec.parentRefs ?? []) {
    const parent = { kind, namespace, name };
    if (stateOf(view, parent, secretState) === 'missing') link(root.id, parent, 'parent');
  }
  for (const [id, object] of [[root.id, route] as const, ...gateways]) {
    for (const policy of POLICY_KINDS.flatMap((kind) => policiesFor(view, kind, object))) {
      needs(link(id, namedAs(policy), 'policy'), policy);
    }
  }
  return { nodes: [...nodes.values()], edges: [...edges.values()] };
}

/** Secrets that {@link topologyOf} asks about. */
export function secretsOfTopology(view: View, key: ObjectKey): readonly ObjectKey[] {
  const { nodes = [] } = topologyOf(view, key, () => 'unknown') ?? {};
  return nodes.filter(({ kind }) => kind === 'Secret').map(({ namespace, name }) => ({ namespace, name }));
}

function namedAs(object: KubernetesObject): NamedObject {
  return { kind: object.kind, ...keyOf(object) };
}

function nodeOf(view: View, object: NamedObject, secretState: SecretState): TopologyNode {
  const { kind, namespace, name } = object;
  return { id: `${kind} ${objectKeyText(object)}`, kind, namespace, name, state: stateOf(view, object, secretState) };
}

/** Kinds of objects that routes and policies name. */
const KNOWN: ReadonlySet<string> = new Set<KindName>([
  ...(['HTTPRoute', 'Gateway', 'Service', 'ConfigMap', 'Backend', 'HTTPRouteFilter', 'BackendTLSPolicy'] as const),
  'ListenerSet',
  ...POLICY_KINDS,
]);

function stateOf(view: View, { kind, ...key }: NamedObject, secretState: SecretState): TopologyNode['state'] {
  if (kind === 'Secret') return secretState(key);
  if (!KNOWN.has(kind)) return 'unknown';
  return view.get(kind as KindName, key) === undefined ? 'missing' : 'present';
}
