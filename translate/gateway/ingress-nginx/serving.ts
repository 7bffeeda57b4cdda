import { ingressNginxRules } from '@causeway/apis/gateway/ingress-nginx-rules';
import { ANNOTATION_INGRESS_CLASS } from '@causeway/apis/gateway/labels';
import { keyOf, objectKeyText } from '@causeway/apis/meta/object';
import type { Ingress, IngressNginx } from '@causeway/resources/kinds';
import type { View } from '@causeway/resources/view';
import { type IngressNginxSettings, ingressNginxSettings } from './settings.ts';

/** The data planes that serve an Ingress: by its class, or as those that take what has none, and by its namespace (IN-02). */
export function servingIngressNginx(view: View, ingress: Ingress): readonly IngressNginxSettings[] {
  return view
    .all('IngressNginx')
    .filter((object) => nginxObstacle(view, ingress, object) === undefined)
    .map(ingressNginxSettings);
}

/** What keeps a data plane from serving an Ingress. */
export type NginxObstacle =
  | { readonly type: 'deleted' }
  /** The Ingress asks for another class, or for none and the data plane takes only its own. */
  | { readonly type: 'class'; readonly className?: string }
  /** An older IngressNginx has the class. */
  | { readonly type: 'olderOfClass'; readonly className: string }
  | { readonly type: 'namespace' };

/** @returns undefined when it serves the Ingress */
export function nginxObstacle(view: View, ingress: Ingress, object: IngressNginx): NginxObstacle | undefined {
  if (object.metadata.deletionTimestamp !== undefined) return { type: 'deleted' };
  const className = classOf(ingress);
  const settings = ingressNginxSettings(object);
  const asked = className === undefined ? {} : { className };
  if (!takesClass(view, settings, className)) return { type: 'class', ...asked };
  if (className !== undefined && !isOldestOfClass(view, object)) return { type: 'olderOfClass', className };
  return takesNamespace(view, settings, ingress) ? undefined : { type: 'namespace' };
}

/** IN-01: of two that name the same class the one that came first has it. */
export function isOldestOfClass(view: View, object: IngressNginx): boolean {
  const { className } = ingressNginxRules(object);
  const rivals = view.all('IngressNginx').filter((other) => ingressNginxRules(other).className === className);
  // Of those made in the same second the first by name.
  const age = (one: IngressNginx) => `${one.metadata.creationTimestamp ?? '9'} ${objectKeyText(keyOf(one))}`;
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

/** Undefined: the Ingress asks for none. */
function classOf(ingress: Ingress): string | undefined {
  const name = ingress.spec?.ingressClassName ?? ingress.metadata.annotations?.[ANNOTATION_INGRESS_CLASS] ?? '';
  return name === '' ? undefined : name;
}
