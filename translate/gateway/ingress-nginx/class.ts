import type { IngressNginx } from '@causeway/apis/gateway/ingress-nginx';
import { ingressNginxRules } from '@causeway/apis/gateway/ingress-nginx-rules';
import { type ObjectKey, objectKeyText } from '@causeway/apis/meta/object';
import type { IngressClass } from '@causeway/resources/kinds';
import type { View } from '@causeway/resources/view';
import { sharedHeaders } from './headers.ts';
import { isOldestOfClass } from './serving.ts';
import { ingressNginxSettings } from './settings.ts';

/** Label of IngressClasses that were made for an IngressNginx: `<namespace>.<name>`. */
export const LABEL_OWNER = 'ingress-nginx.alauda.io/owner';

/** The IngressClass of an IngressNginx; undefined: there must be none of ours. */
export function ingressNginxClass(view: View, key: ObjectKey): IngressClass | undefined {
  const object = view.get('IngressNginx', key);
  if (object === undefined || object.metadata.deletionTimestamp !== undefined) return undefined;
  const { className, controller } = ingressNginxRules(object);
  const existing = view.get('IngressClass', { namespace: '', name: className });
  if (existing !== undefined && existing.metadata.labels?.[LABEL_OWNER] !== ownerOf(key)) return undefined;
  if (!isOldestOfClass(view, object)) return undefined;
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'IngressClass',
    metadata: { name: className, labels: { [LABEL_OWNER]: ownerOf(key) } },
    spec: { controller },
  };
}

export function ownerOf({ namespace, name }: ObjectKey): string {
  return `${namespace}.${name}`;
}

/** What is wrong with an IngressNginx as a whole, for its condition; empty: nothing. */
export function ingressNginxMistakes(view: View, object: IngressNginx): readonly string[] {
  const settings = ingressNginxSettings(object);
  const { mistakes, defaultCertificate, rules } = settings;
  const found = [...mistakes, ...sharedHeaders(view, settings).mistakes];
  if (!isOldestOfClass(view, object)) {
    found.push(
      `spec.controller.ingressClassResource.name: another IngressNginx has class ${rules.className}; nothing is served`,
    );
  }
  const [namespace = '', name = ''] = (defaultCertificate ?? '').split('/');
  if (defaultCertificate !== undefined && view.get('Secret', { namespace, name }) === undefined) {
    const secret = objectKeyText({ namespace, name });
    found.push(
      `spec.controller.extraArgs.default-ssl-certificate: Secret ${secret} not found; a self-signed one is shown`,
    );
  }
  return found;
}
