import { LABEL_PROJECT_PREFIX, LABEL_ROLE } from '@causeway/apis/gateway/labels';
import { isProject, projectsOfPort } from '@causeway/apis/gateway/port-project';
import type { KubernetesObject, ObjectKey } from '@causeway/apis/meta/object';
import type { View } from '@causeway/resources/view';
import { albSettings, isIgnored } from './alb-settings.ts';
import { albOf } from './frontend-port.ts';

type Labels = Readonly<Record<string, string>>;

/**
 * All labels of a Frontend with those that say which projects its port belongs to; undefined: they stay as they are,
 * because its ALB is not in port project mode, or the assignment cannot be read.
 *
 * Source: spec ALB-126.
 */
export function translateFrontendLabels(view: View, key: ObjectKey): Labels | undefined {
  const frontend = view.get('Frontend', key);
  const albKey = frontend === undefined ? undefined : albOf(frontend);
  const alb = albKey === undefined ? undefined : view.get('ALB2', albKey);
  const portProjects = alb === undefined ? undefined : albSettings(alb)?.portProjects;
  if (frontend === undefined || portProjects === undefined) return undefined;
  return withProjects(frontend, projectsOfPort(portProjects, frontend.spec.port));
}

/**
 * All labels of an ALB2 with those that say which projects it serves, and whether these own the ALB or single ports;
 * undefined: they stay as they are.
 *
 * Source: spec ALB section 2.1, annotations and labels.
 */
export function translateAlbLabels(view: View, key: ObjectKey): Labels | undefined {
  const alb = view.get('ALB2', key);
  if (alb === undefined || alb.metadata.deletionTimestamp !== undefined) return undefined;
  const settings = albSettings(alb);
  if (settings === undefined || isIgnored(alb)) return undefined;
  const labels = withProjects(alb, [...settings.projects].filter(isProject).sort());
  if (settings.portProjectMode) return { ...labels, [LABEL_ROLE]: 'port' };
  return LABEL_ROLE in labels ? { ...labels, [LABEL_ROLE]: 'instance' } : labels;
}

function withProjects(object: KubernetesObject, projects: readonly string[]): Labels {
  const others = Object.entries(object.metadata.labels ?? {}).filter(
    ([name]) => !name.startsWith(LABEL_PROJECT_PREFIX),
  );
  return Object.fromEntries([...others, ...projects.map((project) => [`${LABEL_PROJECT_PREFIX}${project}`, 'true'])]);
}
