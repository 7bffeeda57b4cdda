import type { ALB2 } from '@causeway/apis/gateway/alb2';
import type { Frontend } from '@causeway/apis/gateway/frontend';
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

/** Whether one ALB serves an Ingress. */
export type AlbVerdict =
  | { readonly serves: true; readonly settings: AlbSettings }
  | { readonly serves: false; readonly obstacle: AlbObstacle };

/** Why an ALB does not serve an Ingress: the first of these, in this order. */
export type AlbObstacle =
  /** The Ingress asks for another class. */
  | { readonly type: 'class'; readonly className: string }
  | { readonly type: 'deleted' | 'noConfig' | 'ingressDisabled' }
  | { readonly type: 'project'; readonly project: string | undefined }
  /** Port project mode: what is wrong with one of the Ingress ports. */
  | { readonly type: 'portProject'; readonly message: string };

/**
 * The ALBs that serve an Ingress. Sorted by namespace, then name. That the project does not fit is told when the Ingress names
 * that ALB: nothing else shows it.
 */
export function servingAlbs(
  view: View,
  ingress: Ingress,
): { readonly albs: readonly ServingAlb[]; readonly problems: readonly Problem[] } {
  const who = claimOf(view, ingress);
  const albs: ServingAlb[] = [];
  const problems: Problem[] = [];
  for (const alb of view.all('ALB2')) {
    const verdict = judgeAlb(view, who, alb);
    const key = keyOf(alb);
    if (verdict.serves) {
      albs.push({ alb, key, settings: verdict.settings });
      continue;
    }
    const why = who.className === undefined ? undefined : projectText(verdict.obstacle);
    if (why !== undefined) {
      problems.push({
        object: { kind: 'Ingress', key: keyOf(ingress) },
        reason: 'RefNotPermitted',
        message: `ALB2 ${objectKeyText(key)} does not serve this Ingress: ${why}`,
        severity: 'Warning',
      });
    }
  }
  return { albs, problems };
}

/** What of an Ingress decides which ALBs serve it. */
export interface AlbClaim {
  /** undefined: every ALB with a fitting project. */
  readonly className: string | undefined;
  readonly project: string | undefined;
}

export function claimOf(view: View, ingress: Ingress): AlbClaim {
  return { className: classOf(ingress), project: projectOf(view, ingress) };
}

/** By class (ALB-14), project (ALB-15) and, in port project mode, by the projects of both Ingress ports (ALB-16). */
export function judgeAlb(view: View, { className, project }: AlbClaim, alb: ALB2): AlbVerdict {
  const refused = (obstacle: AlbObstacle): AlbVerdict => ({ serves: false, obstacle });
  if (className !== undefined && className !== alb.metadata.name) return refused({ type: 'class', className });
  if (alb.metadata.deletionTimestamp !== undefined) return refused({ type: 'deleted' });
  const settings = albSettings(alb);
  if (settings === undefined) return refused({ type: 'noConfig' });
  if (!settings.serveIngress) return refused({ type: 'ingressDisabled' });
  if (!settings.portProjectMode) {
    return servesProject(settings, project) ? { serves: true, settings } : refused({ type: 'project', project });
  }
  const message = portsObstacle(view, keyOf(alb), settings, project);
  return message === undefined ? { serves: true, settings } : refused({ type: 'portProject', message });
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

function projectText(obstacle: AlbObstacle): string | undefined {
  if (obstacle.type === 'portProject') return obstacle.message;
  if (obstacle.type !== 'project') return undefined;
  const { project } = obstacle;
  return project === undefined ? 'its namespace has no project' : `it does not serve project ${project}`;
}

/** Why an ALB in port project mode does not take an Ingress: both ports must exist and belong to its project. */
function portsObstacle(
  view: View,
  alb: ObjectKey,
  settings: AlbSettings,
  project: string | undefined,
): string | undefined {
  for (const port of [settings.ingressHttpPort, settings.ingressHttpsPort]) {
    if (port === 0) continue;
    const frontend = frontendOfPort(view, alb, port);
    if (frontend === undefined) return `there is no Frontend for port ${port}`;
    const obstacle = portObstacle(frontend, project);
    if (obstacle !== undefined) return obstacle;
  }
  return undefined;
}

/** Why an ALB in port project mode does not give a port to a project. */
export function portObstacle({ metadata, spec }: Frontend, project: string | undefined): string | undefined {
  const labels = metadata.labels ?? {};
  const allowed = [ALL_PROJECTS, ...(project === undefined ? [] : [project])];
  if (allowed.some((name) => labels[`${LABEL_PROJECT_PREFIX}${name}`] === 'true')) return undefined;
  return `port ${spec.port} does not belong to ${project === undefined ? 'every project' : `project ${project}`}`;
}
