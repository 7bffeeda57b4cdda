import { ingressNginxRules } from '@causeway/apis/gateway/ingress-nginx-rules';
import { ANNOTATION_INGRESS_CLASS } from '@causeway/apis/gateway/labels';
import type { Ingress, IngressNginx } from '@causeway/resources/kinds';
import type { View } from '@causeway/resources/view';
import { type IngressNginxSettings, ingressNginxSettings } from './settings.ts';

/** The data planes that serve an Ingress: by its class, or as those that take what has none, and by its namespace (IN-02). */
export function servingIngressNginx(view: View, ingress: Ingress): readonly IngressNginxSettings[] {
  const className = classOf(ingress);
  return view
    .all('IngressNginx')
    .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
    .filter((object) => className === undefined || isOldestOfClass(view, object))
    .map(ingressNginxSettings)
    .filter((settings) => takesClass(view, settings, className) && takesNamespace(view, settings, ingress));
}

/** IN-01: of two that name the same class the one that came first has it. */
export function isOldestOfClass(view: View, object: IngressNginx): boolean {
  const { className } = ingressNginxRules(object);
  const rivals = view.all('IngressNginx').filter((other) => ingressNginxRules(other).className === className);
  const age = ({ metadata }: IngressNginx) => `${metadata.creationTimestamp ?? '9'} ${metadata.uid ?? ''}`;
  return rivals.every((rival) => age(object) <= age(rival));
}

function takesClass(view: View, settings: IngressNginxSettings, className: string | undefined): boolean {
  if (className === undefined) return settings.takesUnclassified;
  if (className === settings.rules.className) return true;
  return view.get('IngressClass', { namespace: '', name: className })?.spec?.controller === settings.rules.controller;
}

function takesNamespace(view: View, { namespaceLabel }: IngressNginxSettings, ingress: Ingress): boolean {
  if (namespaceLabel === undefined) return true;
  if (namespaceLabel === 'invalid') return false;
  const namespace = view.get('Namespace', { namespace: '', name: ingress.metadata.namespace ?? '' });
  return namespace?.metadata.labels?.[namespaceLabel.key] === namespaceLabel.value;
}

function classOf(ingress: Ingress): string | undefined {
  const name = ingress.spec?.ingressClassName ?? ingress.metadata.annotations?.[ANNOTATION_INGRESS_CLASS] ?? '';
  return name === '' ? undefined : name;
}
