import { type KubernetesObject, keyOf, objectKeyText } from '@causeway/apis/meta/object';
import type { Message } from './message.ts';

/** What became of manifests: objects to apply, and what is to be known about them. Equal input gives equal output, order included. */
export interface Conversion {
  /** In an order in which they can be applied: what others name comes first. */
  readonly objects: readonly KubernetesObject[];
  readonly messages: readonly Message[];
}

/** Kinds of one line have one rank, by namespace and name inside. */
const ORDER: readonly (readonly string[])[] = [
  ['Secret'],
  ['ConfigMap'],
  ['EnvoyProxy'],
  ['Gateway'],
  ['ReferenceGrant'],
  ['HTTPRoute', 'TLSRoute', 'TCPRoute', 'UDPRoute', 'GRPCRoute'],
];

/** The objects in the order of their kinds, then of namespace and name. */
export function inOrder(objects: readonly KubernetesObject[]): readonly KubernetesObject[] {
  const rank = ({ kind }: KubernetesObject): number => {
    const found = ORDER.findIndex((kinds) => kinds.includes(kind));
    return found < 0 ? ORDER.length : found;
  };
  return objects.toSorted(
    (a, b) =>
      rank(a) - rank(b) ||
      byText(objectKeyText(keyOf(a)), objectKeyText(keyOf(b))) ||
      byText(`${a.kind} ${a.apiVersion}`, `${b.kind} ${b.apiVersion}`),
  );
}

/** Order of code units: the same on every machine. */
export function byText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
