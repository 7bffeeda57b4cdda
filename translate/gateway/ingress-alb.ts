import type { ALB2 } from '@causeway/apis/gateway/alb2';
import {
  ALL_PROJECTS,
  ANNOTATION_INGRESS_CLASS,
  LABEL_PROJECT,
  LABEL_PROJECT_PREFIX,
} from '@causeway/apis/gateway/labels';
import { keyOf, type ObjectKey, objectKeyText } from '@causeway/apis/meta/object';
import type { Ingress } from '@causeway/resources/kinds';
import type { View } from '@causeway/resources/view';
import { type AlbSettings, albSettings, servesProject } from './alb-settings.ts';
import { frontendOfPort } from './frontend-port.ts';
import type { Problem } from './problem.ts';

/** An ALB that serves an Ingress. */
export interface ServingAlb {
  readonly alb: ALB2;
  readonly key: ObjectKey;
  readonly settings: AlbSettings;
}

/**
 * The ALBs that serve an Ingress, by class (ALB-14), project (ALB-15) and, in port project mode, by the projects of both
 * Ingress ports (ALB-16). Sorted by namespace, then name.
 */
export function servingAlbs(
  view: View,
  ingress: Ingress,
): { readonly albs: readonly ServingAlb[]; readonly problems: readonly Problem[] } {
  const className = classOf(ingress);
  const project = projectOf(view, ingress);
  const albs: ServingAlb[] = [];
  const problems: Problem[] = [];
  for (const alb of view.all('ALB2')) {
    if (className !== undefined && className !== alb.metadata.name) continue;
    const settings = alb.metadata.deletionTimestamp === undefined ? albSettings(alb) : undefined;
    if (settings === undefined || !settings.serveIngress) continue;
    const key = keyOf(alb);
    if (settings.portProjects === undefined) {
      if (servesProject(settings, project)) albs.push({ alb, key, settings });
      continue;
    }
    const obstacle = portObstacle(view, key, settings, project);
    if (obstacle === undefined) {
      albs.push({ alb, key, settings });
    } else if (className !== undefined) {
      const message = `ALB2 ${objectKeyText(key)} does not serve this Ingress: ${obstacle}`;
      problems.push({
        object: { kind: 'Ingress', key: keyOf(ingress) },
        reason: 'RefNotPermitted',
        message,
        severity: 'Warning',
      });
    }
  }
  return { albs, problems };
}

/** spec.ingressClassName, else the annotation; blank counts as unset: every ALB with a fitting project takes it. */
function classOf(ingress: Ingress): string | undefined {
  const className = ingress.spec?.ingressClassName?.trim() ?? '';
  const chosen =
    className === '' ? (ingress.metadata.annotations?.[ANNOTATION_INGRESS_CLASS]?.trim() ?? '') : className;
  return chosen === '' ? undefined : chosen;
}

/** Project of an Ingress: the label of its namespace. */
export function projectOf(view: View, ingress: Ingress): string | undefined {
  const namespace = view.get('Namespace', { namespace: '', name: ingress.metadata.namespace ?? '' });
  const project = namespace?.metadata.labels?.[LABEL_PROJECT] ?? '';
  return project === '' ? undefined : project;
}

/** Why an ALB in port project mode does not take an Ingress: both ports must exist and belong to its project. */
function portObstacle(
  view: View,
  alb: ObjectKey,
  settings: AlbSettings,
  project: string | undefined,
): string | undefined {
  for (const port of [settings.ingressHttpPort, settings.ingressHttpsPort]) {
    if (port === 0) continue;
    const frontend = frontendOfPort(view, alb, port);
    if (frontend === undefined) return `there is no Frontend for port ${port}`;
    const labels = frontend.metadata.labels ?? {};
    const allowed = [ALL_PROJECTS, ...(project === undefined ? [] : [project])];
    if (!allowed.some((name) => labels[`${LABEL_PROJECT_PREFIX}${name}`] === 'true')) {
      return `port ${port} does not belong to ${project === undefined ? 'every project' : `project ${project}`}`;
    }
  }
  return undefined;
}
