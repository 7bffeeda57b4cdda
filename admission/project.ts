import type { ALB2, ALB2Config } from '@causeway/apis/gateway/alb2';
import type { Frontend } from '@causeway/apis/gateway/frontend';
import {
  ALL_PROJECTS,
  ANNOTATION_INGRESS_CLASS,
  LABEL_ALB,
  LABEL_FRONTEND,
  LABEL_PROJECT,
} from '@causeway/apis/gateway/labels';
import { commonProjects, parsePortProjects, projectsOfPort } from '@causeway/apis/gateway/port-project';
import type { Rule } from '@causeway/apis/gateway/rule';
import type { Ingress } from '@causeway/resources/kinds';
import type { Read } from './read.ts';
import { type Cause, type Findings, forbidden } from './verdict.ts';

/**
 * What belongs to a project, by its label, stays within it: the ALB, or the port, must be one of the project's, and so
 * must the namespaces of Services and certificates; certificates of the ALB's own namespace are for all. Objects without
 * the label are administrators' and may reach everything. Rules made from an Ingress were decided there.
 *
 * Source: spec ALB-126, LIM-33.
 */
export function checkProject(object: Frontend | Rule, read: Read): Cause[] {
  const project = projectOf(object) ?? '';
  if (project === '' || (object.kind === 'Rule' && object.spec.source?.type === 'ingress')) return [];
  const causes = albCauses(object, project, read);
  const { serviceGroup, certificate_name: certificate = '' } = object.spec;
  for (const [index, { namespace }] of (serviceGroup?.services ?? []).entries()) {
    causes.push(...namespaceCauses(`spec.serviceGroup.services[${index}].namespace`, namespace, project, read));
  }
  const [secretNamespace = ''] = certificate.split(/[/_]/);
  if (certificate !== '' && secretNamespace !== object.metadata.namespace) {
    causes.push(...namespaceCauses('spec.certificate_name', secretNamespace, project, read));
  }
  return causes;
}

/** An Ingress that names an ALB which does not serve its project is stored, since projects can change; its user is told. */
export function checkIngress(ingress: Ingress, read: Read): Findings {
  const { annotations, namespace = '' } = ingress.metadata;
  const className = ingress.spec?.ingressClassName?.trim() || annotations?.[ANNOTATION_INGRESS_CLASS]?.trim();
  if (!className) return { causes: [], warnings: [] };
  const project = projectOf(read.get('Namespace', { namespace: '', name: namespace }));
  const albs = read.all('ALB2').filter(({ metadata: { name } }) => name === className);
  const isServed = albs.length === 0 || albs.some((alb) => servesIngress(alb.spec.config, project));
  const who = project === undefined ? `namespace "${namespace}", which has no project` : `project "${project}"`;
  const warning = `spec.ingressClassName: ALB2 "${className}" does not serve ${who}; this Ingress has no effect`;
  return { causes: [], warnings: isServed ? [] : [warning] };
}

const FIELD = `metadata.labels[${LABEL_PROJECT}]`;

function albCauses(object: Frontend | Rule, project: string, read: Read): Cause[] {
  const { namespace = '', labels } = object.metadata;
  const name = labels?.[LABEL_ALB] ?? '';
  const config = read.get('ALB2', { namespace, name })?.spec.config;
  if (config === undefined) return [];
  if (config.enablePortProject !== true) {
    return includes(config.projects, project)
      ? []
      : [forbidden(FIELD, `ALB2 "${name}" does not serve project "${project}"`)];
  }
  if (object.kind === 'Frontend') {
    return [forbidden(FIELD, `ALB2 "${name}" assigns ports to projects: its ports are made by administrators`)];
  }
  const frontend = read.get('Frontend', { namespace, name: labels?.[LABEL_FRONTEND] ?? '' });
  const parsed = parsePortProjects(config.portProjects);
  if (frontend === undefined || 'mistakes' in parsed) return [];
  const { port } = frontend.spec;
  if (includes(projectsOfPort(parsed.entries, port), project)) return [];
  return [forbidden(FIELD, `port ${port} of ALB2 "${name}" does not belong to project "${project}"`)];
}

function namespaceCauses(field: string, namespace: string, project: string, read: Read): Cause[] {
  const owner = projectOf(read.get('Namespace', { namespace: '', name: namespace }));
  if (owner === project) return [];
  const whose = owner === undefined ? 'to no project' : `to project "${owner}"`;
  return [forbidden(field, `namespace "${namespace}" belongs ${whose}, not to project "${project}"`)];
}

function servesIngress(config: ALB2Config | undefined, project: string | undefined): boolean {
  if (config?.enablePortProject !== true) return includes(config?.projects, project);
  const parsed = parsePortProjects(config.portProjects);
  if ('mistakes' in parsed) return true;
  const ports = [config.ingressHTTPPort ?? 80, config.ingressHTTPSPort ?? 443].filter((port) => port !== 0);
  const projects = ports.map((port) => projectsOfPort(parsed.entries, port));
  return includes(projects.reduce(commonProjects, [ALL_PROJECTS]), project);
}

function includes(projects: readonly string[] | undefined, project: string | undefined): boolean {
  return projects?.some((each) => each === ALL_PROJECTS || each === project) === true;
}

function projectOf(object: { readonly metadata: ALB2['metadata'] } | undefined): string | undefined {
  return object?.metadata.labels?.[LABEL_PROJECT] || undefined;
}
