/**
 * Ingresses with annotations of ingress-nginx or an ALB become routes of the Gateway API, and policies of gateway.envoyproxy.io where that
 * has no word. Annotations are read as the controllers read them (translate/gateway/ingress-reader.ts).
 */
import { type KubernetesObject, keyOf, objectKeyText } from '@causeway/apis/meta/object';
import type { Ingress } from '@causeway/resources/kinds';
import { ingressReaders } from '../../gateway/ingress-reader.ts';
import { byText, type Conversion, inOrder, withoutNamesakes } from '../conversion.ts';
import { gatewayObjects } from '../gateway-plan.ts';
import { type Message, message } from '../message.ts';
import { ServiceInventory } from '../service-inventory.ts';
import { isCanary, placeOf } from './canary.ts';
import { convertIngress } from './converted-ingress.ts';
import type { IngressReading } from './ingress-reading.ts';
import type { IngressOptions } from './options.ts';

const LOOKED_UP = ['Service', 'Secret', 'ConfigMap', 'IngressClass', 'Namespace', 'EndpointSlice'];

/** @param objects as the API server would store them, each with a namespace if its kind has one */
export function convertIngresses(objects: readonly KubernetesObject[], options: IngressOptions): Conversion {
  const messages: Message[] = [];
  const services = new ServiceInventory(objects);
  for (const object of objects) {
    if (isIngress(object) || LOOKED_UP.includes(object.kind)) continue;
    messages.push(
      message('I100', objectKeyText(keyOf(object)), 'kind', `${object.kind} of ${object.apiVersion} skipped`),
    );
  }
  const readings = objects
    .filter(isIngress)
    .map((ingress): IngressReading => {
      const key = keyOf(ingress);
      return {
        key,
        ingress,
        options,
        services,
        gateway: { name: options.gateway.name, namespace: options.gateway.namespace ?? key.namespace },
        reader: ingressReaders(ingress),
        tell: (code, field, text) => messages.push(message(code, objectKeyText(key), field, text)),
      };
    })
    .toSorted((a, b) => byText(objectKeyText(a.key), objectKeyText(b.key)));
  const canaries = readings.filter(isCanary);
  const results = readings
    .filter((reading) => !isCanary(reading))
    .map((reading) =>
      convertIngress(
        reading,
        canaries.filter(({ key }) => key.namespace === reading.key.namespace),
      ),
    );
  const gateways = gatewayObjects(
    results.flatMap(({ attachments }) => attachments),
    options,
    false,
  );
  const named = withoutNamesakes([...gateways.objects, ...results.flatMap((result) => result.objects)]);
  return {
    objects: inOrder(named.objects),
    messages: unique([...messages, ...lonely(readings), ...gateways.messages, ...named.messages]),
  };
}

/** Canaries without an Ingress whose requests they could share. */
function lonely(readings: readonly IngressReading[]): readonly Message[] {
  const places = new Set(readings.filter((reading) => !isCanary(reading)).flatMap(placesOf));
  return readings
    .filter(isCanary)
    .filter((reading) => !placesOf(reading).some((place) => places.has(place)))
    .map(({ key }) =>
      message('W512', objectKeyText(key), 'spec.rules', 'a canary of no Ingress in the input; not converted'),
    );
}

function placesOf({ key, ingress }: IngressReading): readonly string[] {
  return (ingress.spec?.rules ?? []).flatMap((rule) =>
    (rule.http?.paths ?? []).map(({ path = '', pathType }) => `${key.namespace} ${placeOf(rule, path, pathType)}`),
  );
}

/** Paths of one Ingress may have the same message. */
function unique(messages: readonly Message[]): readonly Message[] {
  return [...new Map(messages.map((each) => [JSON.stringify(each), each])).values()];
}

function isIngress(object: KubernetesObject): object is Ingress {
  return object.kind === 'Ingress' && object.apiVersion === 'networking.k8s.io/v1';
}
