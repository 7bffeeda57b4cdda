import type { ObjectKey } from '@causeway/apis/meta/object';

/** An object that another one names. */
export interface NamedObject extends ObjectKey {
  readonly kind: string;
}

/** Fields that name an object, or several, with the kind that it is of unless it says so itself. */
const FIELDS: Readonly<Record<string, string>> = {
  backendRef: 'Service',
  backendRefs: 'Service',
  extensionRef: '',
  valueRef: 'ConfigMap',
  caCertificateRefs: 'Secret',
  credentialRefs: 'Secret',
  clientIDRef: 'Secret',
  clientSecret: 'Secret',
  users: 'Secret',
};

/**
 * The objects that a spec of a route or a policy names, wherever in it, each once, in order.
 *
 * @param namespace of those that do not say theirs
 */
export function objectsNamedIn(spec: unknown, namespace: string): readonly NamedObject[] {
  const found = new Map<string, NamedObject>();
  const visit = (value: unknown, usual: string | undefined): void => {
    if (Array.isArray(value)) {
      for (const each of value) visit(each, usual);
      return;
    }
    if (typeof value !== 'object' || value === null) return;
    const named = usual === undefined ? undefined : readReference(value, usual, namespace);
    if (named !== undefined) found.set(JSON.stringify(named), named);
    for (const [field, inner] of Object.entries(value))
      visit(inner, Object.hasOwn(FIELDS, field) ? FIELDS[field] : undefined);
  };
  visit(spec, undefined);
  return [...found.values()];
}

function readReference(value: object, usual: string, own: string): NamedObject | undefined {
  const { kind = usual, namespace = own, name }: { kind?: unknown; namespace?: unknown; name?: unknown } = value;
  if (typeof kind !== 'string' || kind === '' || typeof namespace !== 'string' || typeof name !== 'string')
    return undefined;
  return { kind, namespace, name };
}
