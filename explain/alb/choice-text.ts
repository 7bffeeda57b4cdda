import type { ALB2 } from '@causeway/apis/gateway/alb2';
import { LABEL_PROJECT } from '@causeway/apis/gateway/labels';
import type { Ingress } from '@causeway/resources/kinds';
import { type AlbSettings, albSettings } from '@causeway/translate/gateway/alb-settings';
import type { AlbClaim, AlbObstacle } from '@causeway/translate/gateway/ingress-alb';

/** Why an ALB takes an Ingress, in words. */
export function choiceText({ className, project }: AlbClaim, settings: AlbSettings): string {
  const byClass = className === undefined ? 'the Ingress asks for no class' : `class ${className}`;
  if (settings.portProjects !== undefined) return `${byClass}; both Ingress ports belong to its project`;
  return project !== undefined && settings.projects.has(project)
    ? `${byClass}; project ${project}`
    : `${byClass}; every project`;
}

/** Why an ALB does not take an Ingress, in words. */
export function obstacleText(obstacle: AlbObstacle, ingress: Ingress, alb: ALB2): string {
  switch (obstacle.type) {
    case 'class':
      return `class: the Ingress asks for class ${obstacle.className}`;
    case 'deleted':
      return 'the ALB2 is being deleted';
    case 'noConfig':
      return 'spec.config is missing, such an ALB2 is ignored';
    case 'ingressDisabled':
      return 'spec.config.enableIngress is "false"';
    case 'project':
      return `project: ${projectText(obstacle.project, ingress)}, ${servedText(alb)}`;
    case 'portProject':
      return `port project: ${obstacle.message}`;
  }
}

function projectText(project: string | undefined, ingress: Ingress): string {
  const namespace = `namespace ${ingress.metadata.namespace ?? ''}`;
  return project === undefined ? `${namespace} has no label ${LABEL_PROJECT}` : `${namespace} belongs to ${project}`;
}

function servedText(alb: ALB2): string {
  const projects = [...(albSettings(alb)?.projects ?? [])].sort();
  return projects.length === 0
    ? 'and spec.config.projects is empty: this ALB serves no project'
    : `this ALB serves ${projects.join(', ')}`;
}
