import { type KubernetesObject, keyOf, objectKeyText } from '@causeway/apis/meta/object';
import { type Message, message } from './message.ts';

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

/**
 * Of several objects of one name the first, equal ones silently.
 *
 * @param objects those that matter more first
 */
export function withoutNamesakes(objects: readonly KubernetesObject[]): Conversion {
  const taken = new Map<string, KubernetesObject>();
  const messages: Message[] = [];
  for (const object of objects) {
    const title = objectKeyText(keyOf(object));
    const id = `${object.kind} ${title}`;
    const known = taken.get(id);
    if (known === undefined) taken.set(id, object);
    else if (JSON.stringify(known) !== JSON.stringify(object)) {
      messages.push(
        message('E109', title, 'metadata.name', `two different objects would be ${id}; the first is written`),
      );
    }
  }
  return { objects: [...taken.values()], messages };
}

/** Order of code units: the same on every machine. */
export function byText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
