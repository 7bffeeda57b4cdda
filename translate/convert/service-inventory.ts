import { type KubernetesObject, keyOf, type ObjectKey, objectKeyText } from '@causeway/apis/meta/object';
import type { EndpointSlice, Service } from '@causeway/resources/kinds';

export type ServicePort = NonNullable<NonNullable<Service['spec']>['ports']>[number];

/** What the input knows of Services beside what is converted. */
export class ServiceInventory {
  readonly #services = new Map<string, readonly ServicePort[]>();
  readonly #endpoints = new Map<string, number>();

  /** @param objects Services and EndpointSlices among them count */
  constructor(objects: readonly KubernetesObject[]) {
    for (const object of objects) {
      if (isService(object)) this.#services.set(objectKeyText(keyOf(object)), object.spec?.ports ?? []);
      if (isEndpointSlice(object)) {
        const service = `${object.metadata.namespace ?? ''}/${object.metadata.labels?.['kubernetes.io/service-name']}`;
        const ready = (object.endpoints ?? []).filter(({ conditions }) => conditions?.ready !== false);
        this.#endpoints.set(service, (this.#endpoints.get(service) ?? 0) + ready.length);
      }
    }
  }

  /** Undefined: the input has no such Service. */
  ports(service: ObjectKey): readonly ServicePort[] | undefined {
    return this.#services.get(objectKeyText(service));
  }

  /** How many endpoints a Service has; undefined: the input does not say. */
  endpoints(service: ObjectKey): number | undefined {
    return this.#endpoints.get(objectKeyText(service));
  }
}

function isService(object: KubernetesObject): object is Service {
  return object.kind === 'Service' && object.apiVersion === 'v1';
}

function isEndpointSlice(object: KubernetesObject): object is EndpointSlice {
  return object.kind === 'EndpointSlice' && object.apiVersion === 'discovery.k8s.io/v1';
}
