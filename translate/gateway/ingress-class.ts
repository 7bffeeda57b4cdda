import { ANNOTATION_CLASS_PROJECT, ANNOTATION_DEFAULT_CLASS, INGRESS_CONTROLLER } from '@causeway/apis/gateway/labels';
import { isOperatedFor, operatorLabels } from '@causeway/apis/gateway/operator-labels';
import { commonProjects, projectsOfPort } from '@causeway/apis/gateway/port-project';
import type { ObjectKey } from '@causeway/apis/meta/object';
import type { IngressClass } from '@causeway/resources/kinds';
import type { View } from '@causeway/resources/view';
import { type AlbSettings, albSettings, isIgnored } from './alb-settings.ts';

/**
 * The IngressClass of an ALB; undefined: there must be none of ours. A class of that name that is not labelled as ours,
 * or belongs to an ALB of another namespace, is not touched.
 *
 * Source: spec ALB-128.
 */
export function translateIngressClass(view: View, albKey: ObjectKey): IngressClass | undefined {
  const alb = view.get('ALB2', albKey);
  if (alb === undefined || alb.metadata.deletionTimestamp !== undefined) return undefined;
  const settings = albSettings(alb);
  if (settings === undefined || !settings.serveIngress) return undefined;
  if (isIgnored(alb)) return view.get('IngressClass', { namespace: '', name: albKey.name });
  const existing = view.get('IngressClass', { namespace: '', name: albKey.name });
  if (existing !== undefined && !isOperatedFor(existing, albKey)) return undefined;
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'IngressClass',
    metadata: {
      name: albKey.name,
      labels: operatorLabels(albKey),
      annotations: {
        [ANNOTATION_CLASS_PROJECT]:
          projectsOf(settings)?.join(',') ?? existing?.metadata.annotations?.[ANNOTATION_CLASS_PROJECT] ?? '',
        [ANNOTATION_DEFAULT_CLASS]: String(settings.config.defaultIngressClass ?? false),
      },
    },
    spec: { controller: INGRESS_CONTROLLER },
  };
}

/** In port project mode the projects that both Ingress ports belong to, else those of the ALB; undefined: unreadable. */
function projectsOf(settings: AlbSettings): readonly string[] | undefined {
  const { portProjectMode, portProjects } = settings;
  if (!portProjectMode) return [...settings.projects];
  if (portProjects === undefined) return undefined;
  const [http, https] = [settings.ingressHttpPort, settings.ingressHttpsPort].map((port) =>
    projectsOfPort(portProjects, port),
  );
  return commonProjects(http ?? [], https ?? []);
}
