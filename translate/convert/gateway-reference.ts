import type { ObjectKey } from '@causeway/apis/meta/object';

export interface ParentReference {
  readonly name: string;
  readonly namespace?: string;
  readonly sectionName?: string;
}

/** A parentRef of a route in `namespace`; the namespace stands in it only when it is another one. */
export function parentReference(gateway: ObjectKey, namespace: string, sectionName?: string): ParentReference {
  return {
    name: gateway.name,
    ...(gateway.namespace === namespace ? {} : { namespace: gateway.namespace }),
    ...(sectionName === undefined ? {} : { sectionName }),
  };
}
